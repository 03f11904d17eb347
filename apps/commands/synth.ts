import { type Command, Option } from 'commander';
import type { ReportedFinding } from '../../constructs/checks';
import { textReport } from '../../constructs/checks/report';
import { helmChart } from '../helm-chart';
import { reportInputErrors } from '../input-errors';
import { type Synthesis, synthesize } from '../synthesize';
import { readTopologies } from '../topology-files';
import { writeFiles } from '../write-files';

const FORMATS = ['yaml', 'helm'] as const;

interface SynthFlags {
  readonly output: string;
  readonly format: (typeof FORMATS)[number];
}

/** Exit status. */
const ERRORS_FOUND = 1;

/** Adds `polypod synth`: topology files in, checked manifests out; all of them, or none. */
export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .description('write the Kubernetes manifests of topologies, checked')
    .argument('<paths...>', 'topology files, and folders of them')
    .option('-o, --output <folder>', 'folder to write to', 'dist')
    .addOption(
      new Option('--format <format>', 'manifests, or a Helm chart of them').choices(FORMATS).default('yaml'),
    )
    .addHelpText(
      'after',
      '\nExit status: 0 written, 1 the rules of polypod check found errors, 2 input that could not be used.\n' +
        'Nothing is written unless everything is.',
    )
    .action((paths: string[], flags: SynthFlags) => {
      reportInputErrors(() => {
        process.exitCode = synthesizePaths(paths, flags, program.version() ?? '0.0.0');
      });
    });
}

function synthesizePaths(paths: readonly string[], { output, format }: SynthFlags, version: string): number {
  const syntheses = readTopologies(paths).map(synthesize);
  const files = new Map<string, string>();
  for (const { id, manifests } of syntheses) {
    if (manifests === undefined) continue;
    if (format === 'yaml') files.set(`${id}.k8s.yaml`, manifests);
    else for (const [name, content] of helmChart(id, manifests, version)) files.set(name, content);
  }
  const sound = syntheses.every(({ manifests }) => manifests !== undefined);
  if (sound) writeFiles(output, files);
  process.stdout.write(summary(syntheses));
  process.stderr.write(findings(syntheses));
  if (sound) return 0;
  process.stderr.write('Nothing was written.\n');
  return ERRORS_FOUND;
}

/** A line a topology: its name, objects, findings, time. */
function summary(syntheses: readonly Synthesis[]): string {
  const rows = syntheses.map(({ id, objects, check, milliseconds }) => [
    id,
    `${objects} objects`,
    `${count(check.findings, 'error')} errors`,
    `${count(check.findings, 'warning')} warnings`,
    `${milliseconds.toFixed(0)} ms`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  return rows.map((row) => `${padded(row).join('  ')}\n`).join('');
}

function count(findings: readonly ReportedFinding[], severity: string): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

/** What the rules found, by topology file; nothing where they found nothing. */
function findings(syntheses: readonly Synthesis[]): string {
  const located = syntheses.flatMap(({ file, check }) =>
    check.findings.map((finding) => ({ ...finding, file, place: undefined })),
  );
  if (located.length === 0) return '';
  const objects = syntheses.reduce((sum, synthesis) => sum + synthesis.objects, 0);
  const report = {
    findings: located,
    suppressed: [],
    problems: [],
    objects,
    files: syntheses.length,
    skippedFiles: 0,
    skippedDocuments: 0,
  };
  return `\n${textReport(report, { colour: process.stderr.hasColors?.() === true })}`;
}
