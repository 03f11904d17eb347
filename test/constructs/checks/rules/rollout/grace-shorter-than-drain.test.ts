import { graceShorterThanDrain } from '../../../../../constructs/checks/rules/rollout/grace-shorter-than-drain';
import { placeholderNumber } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const container = (preStop: string, drain = '', image = 'a:1') =>
  `{ name: a, image: '${image}', lifecycle: { preStop: { ${preStop} } }, env: [${drain && `{ name: DRAIN_TIMEOUT_SECONDS, value: '${drain}' }`}] }`;
const check = (grace: string, containers: string, annotations = '') =>
  findingsOf(
    graceShorterThanDrain,
    `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: chat }
spec: { template: { metadata: { annotations: { ${annotations} } }, spec: { ${grace} containers: [${containers}] } } }
`,
  );
const sleep = (seconds: number) => `exec: { command: [sleep, '${seconds}'] }`;

test('fires with what makes it so', () => {
  expect(check('terminationGracePeriodSeconds: 30,', container(sleep(10), '60'))).toEqual([
    expect.objectContaining({
      object: 'StatefulSet/chat',
      path: 'spec.template.spec.terminationGracePeriodSeconds',
      severity: 'error',
      message:
        'Container a is killed after 30 s, but preStop takes 10 s and DRAIN_TIMEOUT_SECONDS gives it 60 s to drain: requests that run are cut off.',
    }),
  ]);
});

test.each([
  ['the default of 30 s', '', container(sleep(31))],
  ['a script', '', container("exec: { command: [sh, -c, 'sleep 20; kill 1 && /bin/sleep 15'] }")],
  ['a sleep of its own', '', container('sleep: { seconds: 45 }')],
  [
    'a script in another language',
    '',
    container("exec: { command: [python3, -c, 'import time; time.sleep(60)'] }"),
  ],
  ['minutes', '', container("exec: { command: [sh, -c, 'sleep 1m'] }")],
  [
    'a variable',
    '',
    "{ name: a, image: a:1, env: [{ name: WAIT, value: '40' }], lifecycle: { preStop: { exec: { command: [sh, -c, 'sleep $WAIT'] } } } }",
  ],
  ['the default of a variable', '', container(`exec: { command: [sh, -c, 'sleep \${WAIT:-40}'] }`)],
  ['drain alone', 'terminationGracePeriodSeconds: 45,', container('', '60')],
  ['drain with a unit', '', container('', '2m')],
  [
    "the runtime's default",
    'terminationGracePeriodSeconds: 25,',
    container(sleep(10), '', 'x/polypod-runtime:1'),
  ],
  ['the slower of two containers', '', `${container(sleep(5))}, ${container(sleep(40))}`],
])('counts %s', (_case, grace, containers) => {
  expect(check(grace, containers)).toHaveLength(1);
});

test('an annotation says how long the pod drains', () => {
  const annotation = "polypod.dev/drain-seconds: '25'";
  expect(check('', container(sleep(10)), annotation)).toHaveLength(1);
  expect(check('terminationGracePeriodSeconds: 35,', container(sleep(10)), annotation)).toEqual([]);
  expect(check('', `${container('')}, ${container(sleep(20))}`, annotation)).toEqual([]);
});

test.each([
  ['as much as is needed', 'terminationGracePeriodSeconds: 70,', container(sleep(10), '60')],
  ['nothing to wait for', '', container('')],
  ['a hook over HTTP', '', container('httpGet: { path: /drain, port: 80 }')],
  ['a command that does not sleep', '', container("exec: { command: [/wait-shutdown, '600'] }")],
  ['a sleep that nobody can know', '', container("exec: { command: [sh, -c, 'sleep $WAIT'] }")],
  [
    'a grace that a cloud has yet to say',
    `terminationGracePeriodSeconds: ${placeholderNumber(1)},`,
    container(sleep(100)),
  ],
  ['drain that is no time', '', container('', 'soon')],
])('says nothing of %s', (_case, grace, containers) => {
  expect(check(grace, containers)).toEqual([]);
});
