import type { Chart } from 'cdk8s';
import {
  Autoscaling,
  azureFiles,
  DisruptionBudget,
  efs,
  filestore,
  INFERENCE_UTILIZATION,
  InferenceDeployment,
  InferenceLeaderWorkerSet,
  InferenceStatefulSet,
  ModelStore,
  nfs,
} from '../../../constructs/kubernetes';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { chart, gguf, modelNode, node, safetensors, vllm } from './fixtures';

const resources = { requests: { cpu: '8', memory: '64Gi' } };
const replicas = { min: 2, max: 4 };

/** Every form of every construct, in one chart. */
function everything(): Chart {
  const all = chart();
  const storages = [
    efs({ fileSystemId: 'fs-0123456789abcdef0' }),
    filestore({ tier: 'zonal' }),
    azureFiles(),
    nfs({ server: 'nas', share: '/m' }),
  ];
  for (const storage of storages)
    new ModelStore(all, storage.kind, { name: storage.kind, storage, size: '1Ti' });

  const set = new InferenceStatefulSet(all, 'all', {
    ...modelNode,
    replicas,
    clientAffinitySeconds: 600,
    huggingFaceToken: { secretName: 'hub', key: 'token' },
    trustedCa: { configMapName: 'acme-ca', key: 'ca.crt' },
    scheduling: {
      priorityClassName: 'high',
      nodeSelector: { a: 'b' },
      tolerations: [{ key: 'a', operator: 'Exists' }],
    },
    image: { ...node.image, pullSecrets: ['pull'] },
  });
  new Autoscaling(all, 'utilization', { workload: set.workload, signal: INFERENCE_UTILIZATION });
  new DisruptionBudget(all, 'budget', { workload: set.workload });

  for (const name of ['vllm', 'sglang'] as const) {
    new InferenceStatefulSet(all, name, {
      ...modelNode,
      name,
      engine: { ...vllm, name },
      models: [safetensors],
    });
    new InferenceLeaderWorkerSet(all, `${name}-set`, {
      ...modelNode,
      name: `${name}-set`,
      nodes: 2,
      engine: { ...vllm, name },
      models: [safetensors],
    });
  }
  for (const name of ['llama-server', 'ollama'] as const) {
    const engine = { name, resources, gpu: { count: 1 } };
    new InferenceStatefulSet(all, name, {
      ...modelNode,
      name,
      engine,
      models: [{ ...gguf, sequences: 4, contextLength: 4096 }],
    });
  }

  const gateway = new InferenceDeployment(all, 'gateway', {
    ...node,
    name: 'roles',
    role: 'gateway',
    replicas,
  });
  const { peerService } = gateway;
  new InferenceDeployment(all, 'controller', { ...node, name: 'roles', role: 'controller', peerService });
  new InferenceStatefulSet(all, 'worker', { ...modelNode, name: 'roles', role: 'worker', peerService });
  new Autoscaling(all, 'queue', {
    workload: gateway.workload,
    signal: {
      kind: 'queue',
      prometheusAddress: 'http://prometheus.monitoring.svc:9090',
      runningPerReplica: 6,
      authentication: { name: 'a' },
    },
  });
  return all;
}

test('every manifest is what Kubernetes 1.28 and the custom resources know', () => {
  const manifests = manifestsOf(everything());
  expect(manifests.length).toBeGreaterThan(60);
  expect(strictFaults(manifests)).toEqual([]);
});

test('the same props give the same bytes', () => {
  expect(JSON.stringify(manifestsOf(everything()))).toBe(JSON.stringify(manifestsOf(everything())));
});
