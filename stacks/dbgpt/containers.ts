import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { type DatabaseConnection, imageName } from '../../constructs/contracts';
import { type ApplicationProps, certificateVolume } from '../../constructs/kubernetes';
import { CA_FILE, CONFIG, DATABASE_CA, databaseVariables, MODELS } from './config';
import { type FilesModel, gpuSettings } from './settings';

/** Makes the tables that are missing, once the database answers. */
export function makeTables(image: string, database: DatabaseConnection, script?: string): Container {
  return {
    name: 'make-tables',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['python', `${CONFIG}/tables.py`],
    env: [...databaseVariables(database), ...(script ? [{ name: 'TABLES', value: script }] : [])],
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      ...databaseAuthority(database).volumeMounts,
    ],
  };
}

/** The authorities that sign the database's certificate. */
export function databaseAuthority({ tls }: DatabaseConnection): {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
} {
  if (tls === false || tls.ca === undefined) return { volumes: [], volumeMounts: [] };
  return {
    volumes: [certificateVolume('database-ca', tls.ca, CA_FILE)],
    volumeMounts: [{ name: 'database-ca', mountPath: DATABASE_CA, readOnly: true }],
  };
}

/** What loading files of its own takes: its image, its devices, and a look whether the files are there. */
export function ownModel(
  { image, gpu, path }: FilesModel,
  common: Omit<ApplicationProps, 'probes'>,
): Partial<ApplicationProps> {
  const own = image ? { ...image, pullSecrets: common.image.pullSecrets } : common.image;
  const there: Container = {
    name: 'look-for-model',
    image: imageName(own),
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c'],
    args: ['[ -e "$MODEL" ] || { echo "nothing is at $MODEL: copy the model there" >&2; exit 1; }'],
    env: [{ name: 'MODEL', value: `${MODELS}/${path}` }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    volumeMounts: [MODELS_MOUNT],
  };
  if (gpu === undefined) return { image: own, initContainers: [there] };
  const { resource, count, nodeSelector, tolerations } = gpuSettings(gpu);
  const { requests, limits } = common.resources;
  const devices = { [resource]: String(count) };
  const { scheduling = {} } = common;
  return {
    image: own,
    initContainers: [there],
    resources: { requests: { ...requests, ...devices }, limits: { ...limits, ...devices } },
    scheduling: {
      ...scheduling,
      nodeSelector: { ...scheduling.nodeSelector, ...nodeSelector },
      tolerations: [...(scheduling.tolerations ?? []), ...tolerations],
    },
  };
}

/** The claim, as workers have it. */
export const MODELS_MOUNT: VolumeMount = { name: 'models', mountPath: MODELS, readOnly: true };

/** Nobody downloads what is missing: a pod says so instead, and the way out is closed. */
export const OFFLINE: readonly EnvVar[] = [
  { name: 'HF_HUB_OFFLINE', value: '1' },
  { name: 'TRANSFORMERS_OFFLINE', value: '1' },
];

/** Over which the processes of a worker exchange tensors. */
export const sharedMemory = (sizeLimit: string): Volume => ({
  name: 'shared-memory',
  emptyDir: { medium: 'Memory', sizeLimit },
});
