import { readFileSync } from 'node:fs';
import { secret } from '@pulumi/pulumi';
import { load } from 'js-yaml';
import { InferenceTopology, type InferenceTopologyArgs } from '../../../stacks/deployment';
import { AWS, AWS_PREVIEW } from '../../constructs/aws/aws-mocks';
import { existing } from '../../constructs/aws/existing-mocks';
import { opened, runProgram } from '../../support/pulumi-mocks';

const ARGS: InferenceTopologyArgs = {
  foundation: 'aws',
  topologyFile: 'examples/deployments/chat.yaml',
  aws: {
    cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
    image: { existing: 'ghcr.io/acme/polypod-runtime:0.1.0' },
  },
};

it.each([
  ['up', AWS],
  ['preview', AWS_PREVIEW],
])('holds a whole deployment, in %s', async (_mode, cloud) => {
  const run = await runProgram(() => new InferenceTopology('chat', ARGS), cloud);
  const component = run.get('polypod:index:InferenceTopology');
  const outside = run.resources.filter(({ parent, urn }) => parent === '' && urn !== component.urn);
  expect(outside.map(({ urn }) => urn)).toEqual([]);
  expect(run.counts()).toMatchObject({ 'kubernetes:apps/v1:StatefulSet': 1, 'aws:eks/cluster:Cluster': 1 });
  expect(await opened(run.result.endpoint)).toEqual({
    value: 'http://chat.llm.svc.cluster.local:8080/v1',
    secret: false,
  });
  expect((await opened(run.result.kubeconfig)).secret).toBe(true);
});

it('takes passwords as secrets', async () => {
  const password = secret('password-from-elsewhere');
  const database = { existing: { instanceIdentifier: 'chat', credentials: { username: 'chat', password } } };
  const run = await runProgram(
    () => new InferenceTopology('chat', { ...ARGS, aws: { ...ARGS.aws, database } }),
    { ...AWS, answers: { ...AWS.answers, ...existing() } },
  );
  expect(run.get('kubernetes:core/v1:Secret', 'chat/Secret/llm/chat-database').inputs.stringData).toEqual({
    username: 'chat',
    password: 'password-from-elsewhere',
  });
});

it('runs what the example in YAML says', async () => {
  const example = load(readFileSync('examples/import-pulumi-yaml/Pulumi.yaml', 'utf8')) as {
    resources: Record<string, { type: string; properties: InferenceTopologyArgs }>;
  };
  const [[name, resource] = ['', undefined]] = Object.entries(example.resources);
  expect(resource?.type).toBe('polypod:InferenceTopology');
  const run = await runProgram(() => {
    if (resource !== undefined) new InferenceTopology(name, resource.properties);
  }, AWS);
  expect(run.counts()).toMatchObject({ 'kubernetes:apps/v1:StatefulSet': 3 });
});

it('refuses wrong arguments, all together, and registers nothing', async () => {
  const run = await runProgram(() => {
    expect(
      () =>
        new InferenceTopology('chat', { foundation: 'aws', topologyFile: 'no.yaml', aws: { clutser: {} } }),
    ).toThrow(
      /topology \(no\.yaml\)[\s\S]*aws\.cluster\n {4}is missing[\s\S]*aws\.clutser\n[\s\S]*did you mean cluster\?/,
    );
  }, AWS);
  expect(run.resources).toEqual([]);
});
