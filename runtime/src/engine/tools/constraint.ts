import { EngineError } from '../engine-error.js';
import type { GenerationRequest, OutputFormat, Prompt, ToolDefinition } from '../generation.js';
import { GrammarBuilder, literal } from '../grammar/grammar-builder.js';
import { JsonRules } from '../grammar/json-grammar.js';
import { SchemaGrammar } from '../grammar/schema-grammar.js';
import { UnsupportedSchema } from '../grammar/unsupported-schema.js';
import type { ToolFormat } from './tool-format.js';

type ChatPrompt = Extract<Prompt, { kind: 'chat' }>;

/** What holds the model's output to a form. */
export interface Constraint {
  /** GBNF. */
  readonly grammar: string;
  /** The grammar holds from right after this text on; without it, from the start. */
  readonly trigger?: string;
}

/** The constraint of a request: its output format, its tools, or both. */
export function constraintOf(
  request: GenerationRequest,
  tools: ToolFormat | undefined,
): Constraint | undefined {
  const { prompt, format } = request;
  const callable =
    prompt.kind === 'chat' && prompt.toolChoice !== 'none' && prompt.tools.length > 0 ? prompt : undefined;
  if (!callable) return format.kind === 'text' ? undefined : formatConstraint(format);
  if (!tools) {
    throw new EngineError(
      'invalid_request',
      "This model's chat template has no tools that are understood here.",
      'tools',
    );
  }
  if (callable.toolChoice === 'auto') return autoConstraint(callable, format, tools);
  const builder = new GrammarBuilder();
  return { grammar: builder.build(calls(builder, callable, tools, false)) };
}

function formatConstraint(format: OutputFormat): Constraint {
  const builder = new GrammarBuilder();
  return { grammar: builder.build(formatRule(builder, format)) };
}

function autoConstraint(prompt: ChatPrompt, format: OutputFormat, tools: ToolFormat): Constraint {
  const builder = new GrammarBuilder();
  if (format.kind === 'text')
    return { grammar: builder.build(calls(builder, prompt, tools, true)), trigger: tools.start };
  const answer = formatRule(builder, format);
  return { grammar: builder.build(`${answer} | ${calls(builder, prompt, tools, false)}`) };
}

function formatRule(builder: GrammarBuilder, format: OutputFormat): string {
  if (format.kind !== 'schema') return new JsonRules(builder).object;
  try {
    return new SchemaGrammar(builder, format.schema).rule('answer');
  } catch (error) {
    throw unsupported(error, 'response_format');
  }
}

/** The calls that the prompt allows; `started` leaves the format's start away, which is there already. */
function calls(builder: GrammarBuilder, prompt: ChatPrompt, format: ToolFormat, started: boolean): string {
  const { toolChoice, tools, parallelToolCalls } = prompt;
  const { space } = new JsonRules(builder);
  const allowed = tools
    .map((tool, index) => ({ tool, index }))
    .filter(({ tool }) => typeof toolChoice !== 'object' || tool.name === toolChoice.name);
  const bodies = allowed.map(({ tool, index }) => {
    const input = argumentsRule(builder, tool, index);
    const head = format.start === '{"name":' && started ? '' : `"{" ${space} "\\"name\\"" ${space} ":"`;
    return `${head} ${space} ${literal(JSON.stringify(tool.name))} ${space} "," ${space} "\\"${format.argumentsKey}\\"" ${space} ":" ${space} ${input} ${space} "}"`;
  });
  const call = builder.rule('call', bodies.join(' | '));
  const several = parallelToolCalls && typeof toolChoice !== 'object';

  if (format.end === undefined) {
    const list = `"[" ${space} ${call} ${space}${several ? ` ("," ${space} ${call} ${space})*` : ''} "]"`;
    return started ? `${space} ${list}` : `${literal(format.start)} ${space} ${list}`;
  }
  if (format.end === '') return call;
  const rest = `${space} ${call} ${space} ${literal(format.end)}`;
  const first = started ? rest : `${literal(format.start)} ${rest}`;
  return several ? `${first} (${space} ${literal(format.start)} ${rest})*` : first;
}

function argumentsRule(builder: GrammarBuilder, tool: ToolDefinition, index: number): string {
  if (tool.parameters === undefined) return `"{" ${new JsonRules(builder).space} "}"`;
  try {
    // Apart first: the rules of one that can't be had would be left behind, and llama.cpp reads them all.
    if (!tool.strict) new SchemaGrammar(new GrammarBuilder(), tool.parameters).rule('arguments');
    return new SchemaGrammar(builder, tool.parameters).rule(`arguments-${index}`);
  } catch (error) {
    // Only "strict" promises the schema; without it any object will do.
    if (error instanceof UnsupportedSchema && !tool.strict) return new JsonRules(builder).object;
    throw unsupported(error, `tools[${index}].function.parameters`);
  }
}

function unsupported(error: unknown, param: string): unknown {
  if (!(error instanceof UnsupportedSchema)) return error;
  return new EngineError('invalid_request', `Invalid schema: ${error.message}.`, param);
}
