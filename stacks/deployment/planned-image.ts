import type { ImageReference } from '../../constructs/contracts';
import type { FoundationContext } from './foundation-config';

interface ImageSource {
  readonly context: string;
  readonly dockerfile?: string;
}

/** Stands for an image that nobody has named, so that all else can be checked; it is never laid. */
const NONE: ImageReference = { repository: 'localhost/none', tag: '0' };

/** The image of a section, with its paths as the program must write them; the topology's where it has none. */
export function plannedImage<Source extends ImageSource>(
  section: Source | { readonly existing: ImageReference } | undefined,
  { settings, fromRoot }: FoundationContext,
): Source | { readonly existing: ImageReference } {
  if (section === undefined) return { existing: settings.backing.image ?? NONE };
  if ('existing' in section) return section;
  const { context, dockerfile } = section;
  return {
    ...section,
    context: fromRoot(context),
    ...(dockerfile !== undefined && { dockerfile: fromRoot(dockerfile) }),
  };
}
