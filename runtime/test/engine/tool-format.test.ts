import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ToolCallParser, type ToolFormat, toolFormatOf } from '../../src/engine/tools/tool-format.js';

function formatOf(template: string): ToolFormat {
  const format = toolFormatOf(template);
  assert.ok(format);
  return format;
}
const TAGGED = formatOf('tools <tool_call>');
const LLAMA = formatOf('tools ipython "parameters"');

/** What comes of a text, in one piece or character by character: but for the space before a call they are the same. */
function parse(format: ToolFormat, text: string) {
  const read = (pieces: Iterable<string>) => {
    const parser = new ToolCallParser(format, [{ name: 'pay' }, { name: 'look' }]);
    let told = '';
    const calls: [string | undefined, string | undefined][] = [];
    for (const piece of pieces) {
      const parsed = parser.push(piece);
      told += parsed.text;
      for (const call of parsed.calls) calls.push([call.name, call.arguments]);
    }
    return { text: (told + parser.flush()).trimEnd(), calls };
  };
  const whole = read([text]);
  assert.deepEqual(read(text), whole);
  return whole;
}

describe('calls of tools', () => {
  it('have their arguments as the model wrote them', () => {
    const source = '{"2": 12345678901234567890, "1": 1.0, "a": "}\\"{", "a": {"arguments": [1, {}]}}';
    const text = `Well. <tool_call>{"arguments": 1, "name": "pay", "arguments":\n${source} }</tool_call>`;
    assert.deepEqual(parse(TAGGED, text), { text: 'Well.', calls: [['pay', source]] });
  });

  it('may have none', () => {
    for (const rest of ['', ', "arguments": null', ', "arguments": {}']) {
      const text = `<tool_call>{"name": "look"${rest}}</tool_call>`;
      assert.deepEqual(parse(TAGGED, text), { text: '', calls: [['look', '{}']] });
    }
  });

  it('may be several', () => {
    const call = (name: string) => `<tool_call>{"name": "${name}", "arguments": {"x": 1}}</tool_call>`;
    assert.deepEqual(parse(TAGGED, `${call('pay')}\n${call('look')}`), {
      text: '',
      calls: [
        ['pay', '{"x": 1}'],
        ['look', '{"x": 1}'],
      ],
    });
  });

  it('are text where they name no tool of the request', () => {
    for (const text of [
      '{"name":"Alice","age":3}',
      'Here:\n{"name":"Alice"} and {"name":{"first":"B"}}.',
      '{"name":"Alice"'.repeat(3),
      '{"name":"A"}'.repeat(20_000),
    ]) {
      assert.deepEqual(parse(LLAMA, text), { text, calls: [] });
    }
    const tagged = 'So: <tool_call>{"name": "sing", "arguments": {}}</tool_call> done';
    assert.deepEqual(parse(TAGGED, tagged), { text: tagged, calls: [] });
    assert.deepEqual(parse(LLAMA, '{"name":"Alice"}\n{"name":"pay","parameters":{"to":"Alice"}}'), {
      text: '{"name":"Alice"}',
      calls: [['pay', '{"to":"Alice"}']],
    });
  });
});
