import { type Command, Option } from 'commander';
import { type CheckResult, check, type LoadedManifests, loadManifests, rules } from '../../constructs/checks';
import {
  jsonReport,
  problemsText,
  type Report,
  report,
  sarifReport,
  textReport,
} from '../../constructs/checks/report';

const FORMATS = ['text', 'json', 'sarif'] as const;

interface CheckFlags {
  readonly format: (typeof FORMATS)[number];
  readonly namespace?: string;
  readonly listRules?: boolean;
}

/** Exit codes: what a pipeline needs to tell apart. */
const CLEAN = 0;
const ERRORS_FOUND = 1;
const UNUSABLE_INPUT = 2;

/** Adds `polypod check`: says what of any manifests will go wrong once there is more than one pod. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('say what will go wrong with manifests once there is more than one pod')
    .argument(
      '[paths...]',
      'files and folders of YAML or JSON, guides with fenced YAML (.md, .txt), or - for standard input',
    )
    .addOption(new Option('--format <format>', 'how to write the findings').choices(FORMATS).default('text'))
    .option('-n, --namespace <name>', 'namespace of objects that name none')
    .option('--list-rules', 'list the rules and end')
    .addHelpText(
      'after',
      '\nExit status: 0 no errors (warnings may be), 1 errors found, 2 input that could not be used.\n' +
        'A rule is switched off for one object by the annotation allow.polypod.dev/<area>.<rule>: <reason>.',
    )
    .action(async (paths: string[], flags: CheckFlags, command: Command) => {
      if (flags.listRules) {
        process.stdout.write(ruleList(flags.format));
        return;
      }
      if (paths.length === 0) command.error('error: name files or folders to check, or - for standard input');
      process.exitCode = await checkPaths(paths, flags, program.version() ?? '');
    });
}

async function checkPaths(paths: readonly string[], flags: CheckFlags, version: string): Promise<number> {
  const loaded = loadManifests(
    paths,
    paths.includes('-') ? Buffer.concat(await process.stdin.toArray()) : undefined,
  );
  const result = check(loaded.manifests, { namespace: flags.namespace });
  const problems = [...loaded.problems, ...nothingFound(loaded, result, paths)];
  process.stderr.write(problemsText(problems));
  process.stdout.write(written(report({ ...loaded, problems }, result), flags.format, version));
  if (problems.length > 0) return UNUSABLE_INPUT;
  return result.findings.some(({ severity }) => severity === 'error') ? ERRORS_FOUND : CLEAN;
}

function written(whole: Report, format: CheckFlags['format'], version: string): string {
  if (format === 'json') return jsonReport(whole);
  if (format === 'sarif') return sarifReport(whole, rules, version);
  return textReport(whole, { colour: process.stdout.hasColors?.() === true });
}

function nothingFound({ problems }: LoadedManifests, { objects }: CheckResult, paths: readonly string[]) {
  if (objects > 0 || problems.length > 0) return [];
  const file = paths.map((path) => (path === '-' ? '<stdin>' : path)).join(', ');
  const mend = 'name files or folders that hold manifests, with apiVersion and kind';
  return [{ file, path: '', value: undefined, reason: 'there is no Kubernetes object in it', mend }];
}

function ruleList(format: CheckFlags['format']): string {
  const rows = rules.map(({ id, severity, description }) => ({ rule: id, severity, description }));
  if (format === 'json') return `${JSON.stringify(rows, undefined, 2)}\n`;
  return rows.map(({ rule, severity, description }) => `${rule}  ${severity}\n  ${description}\n`).join('');
}
