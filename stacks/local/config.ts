import { existingClass } from '../../constructs/kubernetes/storage/existing-class';
import { foundationConfig } from '../deployment/foundation-config';
import { byteSize, dnsSubdomain, map, someText } from '../topology/schema/fields';
import { image } from '../topology/schema/image';
import { localFoundation } from './foundation';

/** A node's disk behind a file server, as development clusters have it. */
const USUAL_THROUGHPUT = 100 * 2 ** 20;

/** `polypod:local`. */
const schema = map({
  context: someText().optional().describe('Context of the kubeconfig. Default: the current one.'),
  image: map({ existing: image().describe("The runtime's image, where the cluster's nodes find it.") })
    .optional()
    .describe("The runtime's image. Default: the topology's."),
  storage: map({
    className: dnsSubdomain().describe('A StorageClass of the cluster that grants ReadWriteMany.'),
    perClient: byteSize().optional().describe('Bytes a second that one pod reads. Default: 100Mi.'),
  })
    .optional()
    .describe("Where model files lie. Default: the topology's."),
}).prefault({});

/** What the program makes of the config's section `polypod:local`. */
export const config = foundationConfig({
  schema,
  providerProblems: () => [],
  plan: ({ context, image, storage }, { name, settings, usesCache }) => {
    const { backing } = settings;
    const { uid, gid } = settings.sharedFiles;
    const shared =
      storage &&
      existingClass({
        name: storage.className,
        uid,
        gid,
        throughput: { perClient: storage.perClient?.bytes ?? USUAL_THROUGHPUT },
      });
    return {
      problems: [],
      settings: {
        ...settings,
        backing: {
          ...backing,
          cache: backing.cache ?? (usesCache ? 'local' : undefined),
          database: backing.database ?? 'local',
        },
      },
      brings: { image: image !== undefined, storage: shared !== undefined, cache: false, database: false },
      lay: async (options) =>
        localFoundation({ name, context, storage: shared, image: image?.existing }, options),
    };
  },
});
