import {
  InferenceLeaderWorkerSet,
  type InferenceLeaderWorkerSetProps,
} from '../../../../constructs/kubernetes';
import { chart, modelNode, problemsOf, safetensors, vllm } from '../fixtures';

function make(props: Partial<InferenceLeaderWorkerSetProps> = {}) {
  return new InferenceLeaderWorkerSet(chart(), 'inference', {
    ...modelNode,
    models: [safetensors],
    engine: { ...vllm, gpu: { count: 8 } },
    replicas: 2,
    nodes: 2,
    ...props,
  });
}

const specOf = (set: InferenceLeaderWorkerSet) => set.leaderWorkerSet.toJson().spec;
const templateOf = (set: InferenceLeaderWorkerSet) => specOf(set).leaderWorkerTemplate;

test('groups start, fail and roll as one', () => {
  const spec = specOf(make({ partition: 1 }));
  expect(spec).toMatchObject({
    replicas: 2,
    startupPolicy: 'LeaderCreated',
    rolloutStrategy: {
      type: 'RollingUpdate',
      rollingUpdateConfiguration: { partition: 1, maxUnavailable: 1 },
    },
    leaderWorkerTemplate: { size: 2, restartPolicy: 'RecreateGroupOnPodRestart' },
  });
  expect(specOf(make({ replicas: { min: 1, max: 3 } }))).not.toHaveProperty('replicas');
});

test('the runtime stands beside the leader, and only the leader is served, scraped and asked', () => {
  const set = make();
  const { leaderTemplate, workerTemplate } = templateOf(set);
  const names = (template: typeof leaderTemplate) =>
    template.spec.containers.map(({ name }: { name: string }) => name);
  expect(names(leaderTemplate)).toEqual(['runtime', 'engine']);
  expect(names(workerTemplate)).toEqual(['engine']);
  expect(leaderTemplate.spec.containers[1]).toHaveProperty('startupProbe');
  expect(workerTemplate.spec.containers[0]).not.toHaveProperty('startupProbe');
  expect(leaderTemplate.metadata.annotations).toHaveProperty(['polypod.dev/drain-seconds']);
  expect(workerTemplate.metadata.annotations).not.toHaveProperty(['polypod.dev/drain-seconds']);
  for (const service of [set.service, set.metrics]) {
    expect(leaderTemplate.metadata.labels).toMatchObject(service?.toJson().spec.selector);
    expect(workerTemplate.metadata.labels).not.toMatchObject(service?.toJson().spec.selector);
  }
});

test('budgets count all pods of all groups', () => {
  const set = make();
  const { leaderTemplate, workerTemplate } = templateOf(set);
  expect(leaderTemplate.metadata.labels).toMatchObject(set.group.selector);
  expect(workerTemplate.metadata.labels).toMatchObject(set.group.selector);
  expect(set.group.replicas).toBe(4);
  expect(set.workload.replicas).toBe(2);
});

test('vLLM joins its nodes by its own means: tensors within a node, layers across', () => {
  const { leaderTemplate, workerTemplate } = templateOf(make());
  const group =
    '--tensor-parallel-size 8 --max-model-len 8192 --max-num-seqs 32 --pipeline-parallel-size 2 ' +
    '--distributed-executor-backend mp --nnodes 2 --node-rank $(LWS_WORKER_INDEX) --master-addr $(LWS_LEADER_ADDRESS)';
  expect(leaderTemplate.spec.containers[1].args.join(' ')).toMatch(new RegExp(`${escaped(group)}$`));
  expect(workerTemplate.spec.containers[0].args.join(' ')).toMatch(
    new RegExp(`${escaped(group)} --headless$`),
  );
});

test('SGLang meets at the leader', () => {
  const { workerTemplate } = templateOf(make({ engine: { ...vllm, name: 'sglang', gpu: { count: 8 } } }));
  expect(workerTemplate.spec.containers[0].args.join(' ')).toContain(
    '--tp-size 8 --pp-size 2 --nnodes 2 --node-rank $(LWS_WORKER_INDEX) --dist-init-addr $(LWS_LEADER_ADDRESS):20000',
  );
});

test("every pod waits for the whole model, has /dev/shm, and all of them share the store's throughput", () => {
  const set = make({ replicas: 4, nodes: 2 });
  for (const template of Object.values<{ spec: Record<string, unknown> }>({
    leader: templateOf(set).leaderTemplate,
    worker: templateOf(set).workerTemplate,
  })) {
    expect(template.spec.initContainers).toMatchObject([{ name: 'fetch-models' }]);
    expect(template.spec.volumes).toContainEqual({
      name: 'shared-memory',
      emptyDir: { medium: 'Memory', sizeLimit: '8Gi' },
    });
  }
  // 19.3 GB at 2 GB/s over eight pods, twice, and 300 s
  expect(set.startupBudgetSeconds).toBe(455);
});

test('groups keep apart, their pods do not', () => {
  const { leaderTemplate, workerTemplate } = templateOf(make());
  expect(leaderTemplate.spec.topologySpreadConstraints).toHaveLength(2);
  expect(workerTemplate.spec).not.toHaveProperty('topologySpreadConstraints');
  expect(
    make({ exclusiveTopology: 'topology.kubernetes.io/rack' }).leaderWorkerSet.toJson().metadata,
  ).toHaveProperty('annotations', {
    'leaderworkerset.sigs.k8s.io/exclusive-topology': 'topology.kubernetes.io/rack',
  });
});

test('refuses one node, and an engine that can hold a model on one only', () => {
  expect(problemsOf(() => make({ nodes: 1 }))).toEqual({
    nodes: expect.stringContaining('write a whole number, 2 or more'),
  });
  const engine = { ...vllm, name: 'ollama' } as never;
  expect(problemsOf(() => make({ engine }))).toEqual({
    'engine.name': expect.stringContaining('take vllm or sglang, or an InferenceStatefulSet'),
  });
});

function escaped(text: string): string {
  return text.replace(/[$()]/g, '\\$&');
}
