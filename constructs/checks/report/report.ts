import type { CheckResult, ReportedFinding, SuppressedFinding } from '../check';
import type { InputProblem, LoadedManifests } from '../load';
import { locate, type Place } from './locate';

/** A finding and its place in a file. */
export type Located<T extends ReportedFinding> = T & {
  readonly file: string;
  readonly place: Place | undefined;
};

/** What a check of files found: what every format is written from. */
export interface Report {
  readonly findings: readonly Located<ReportedFinding>[];
  readonly suppressed: readonly Located<SuppressedFinding>[];
  readonly problems: readonly InputProblem[];
  readonly objects: number;
  readonly files: number;
  readonly skippedFiles: number;
  readonly skippedDocuments: number;
}

export function report(loaded: LoadedManifests, result: CheckResult): Report {
  const { problems, files, skippedFiles, skippedDocuments } = loaded;
  return {
    findings: located(result.findings),
    suppressed: located(result.suppressed),
    problems,
    objects: result.objects,
    files,
    skippedFiles,
    skippedDocuments,
  };
}

function located<T extends ReportedFinding>(findings: readonly T[]): Located<T>[] {
  const places = locate(findings.map(({ object, path }) => ({ origin: object.origin, path })));
  return findings.map((finding, index) => ({
    ...finding,
    file: finding.object.origin.file,
    place: places[index],
  }));
}

/** `file:line:column`, with what is known of it. */
export function placeText(file: string, place: Partial<Place> | undefined): string {
  return place?.line === undefined ? file : `${file}:${place.line}:${place.column}`;
}
