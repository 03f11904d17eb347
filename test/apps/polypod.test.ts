import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { polypod } from '../support/polypod';

const POLYPOD = join(__dirname, '../../lib/apps/polypod.js');

test('a Node.js that is too old is told in one line, before anything of it is loaded', () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });
    process.getBuiltinModule = undefined;
    require(${JSON.stringify(POLYPOD)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', pretend], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr: 'polypod needs Node.js 22.12 or newer; this is 18.20.4\n',
  });
});

test('wrong use ends with status 2, and help with 0', () => {
  expect(polypod(['sinth'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('synth'),
  });
  expect(polypod(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('synth'),
    stderr: '',
  });
});
