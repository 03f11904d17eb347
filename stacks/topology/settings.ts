import type { CacheConnection } from '../../constructs/contracts/cache-connection';
import type { DatabaseConnection } from '../../constructs/contracts/database-connection';
import type { ImageReference } from '../../constructs/contracts/image-reference';
import type { CertificateBundle, SecretKeyReference } from '../../constructs/contracts/secret-reference';
import type { SharedStorage } from '../../constructs/contracts/shared-storage';
import type { ByteSize, Cpu, Duration } from '../../constructs/contracts/units';
import type { Role } from '../../runtime/contract.cjs';
import type { Profile, ProfileName } from './profiles';
import type { InferenceTopology, SystemTopology } from './topology';

/** CPU and memory of one container. A limit that is missing is meant to be missing. */
export interface ContainerResources {
  readonly requests: { readonly cpu: Cpu; readonly memory: ByteSize };
  readonly limits: { readonly cpu?: Cpu; readonly memory: ByteSize };
}

/** A taint that pods accept. */
type Toleration = SystemTopology['scheduling']['tolerations'][number];

/** GPUs of each pod. */
export interface GpuSettings {
  /** Extended resource. */
  readonly resource: string;
  readonly count: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Size of `/dev/shm`. */
  readonly sharedMemory: ByteSize;
}

/** What generates. */
export type EngineSettings =
  | {
      readonly name: 'llama.cpp';
      readonly threads: number;
      readonly accelerator: 'none' | 'cuda';
      readonly gpu?: GpuSettings;
    }
  | {
      readonly name: 'vllm' | 'sglang' | 'llama-server' | 'ollama';
      /** @default the official image at the version that the construct is tested with */
      readonly image?: ImageReference;
      readonly args: readonly string[];
      readonly resources: ContainerResources;
      readonly gpu?: GpuSettings;
      /** Nodes that hold one copy of the model together; more than 1 makes a LeaderWorkerSet. */
      readonly nodes: number;
    };

export type AutoscalingSettings = InferenceTopology['autoscaling'];

/** One workload of a system. */
export interface SizedWorkload {
  /** `all`, where the topology sizes it at its root, else the key below `roles`. */
  readonly role: string;
  /** Pods; for an engine of several nodes, groups of pods. */
  readonly replicas: { readonly min: number; readonly max: number };
  readonly resources: ContainerResources;
  /** `undefined` where the number of pods is fixed. */
  readonly autoscaling: AutoscalingSettings | undefined;
  /** Whether each of its pods opens connections to the database. @default true */
  readonly usesDatabase?: boolean;
  /** `undefined` at one guaranteed replica: a budget would only block drains. */
  readonly disruption:
    | { readonly maxUnavailable: number | string }
    | { readonly minAvailable: number | string }
    | undefined;
}

/** One workload of the runtime: the pods of one role. */
export interface WorkloadSettings extends SizedWorkload {
  readonly role: Role;
  /** Whether its pods load models. */
  readonly loadsModels: boolean;
}

/** A model. Where its files lie in the volume is the runtime's to say. */
export type ModelSettings = InferenceTopology['models'][number];

/** Where shared files lie, as the topology says it. `SystemSettings.storage` is what constructs take. */
type StorageSettings = NonNullable<SystemTopology['backing']['storage']>;

/** How clients get in. */
export type TrafficSettings = SystemTopology['traffic'];

/**
 * A topology of any kind with every default filled in, from the schema and the profile: what foundations, commands and
 * the checks that all kinds share read. What is still `undefined` is meant to be absent.
 */
export interface SystemSettings {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly profileName: ProfileName;
  readonly profile: Profile;
  readonly workloads: readonly SizedWorkload[];
  /** Connections that each pod opens at most. */
  readonly connections: { readonly database: number; readonly cache: number };
  /** For foundations that make database and cache. */
  readonly sizing: {
    readonly database: {
      /** @default `postgresql` */
      readonly engine?: 'postgresql' | 'mysql';
      /** Extensions of PostgreSQL that the system needs. @default none */
      readonly extensions?: readonly string[];
      readonly cpu: Cpu;
      readonly memory: ByteSize;
      readonly storage: ByteSize;
      readonly maxConnections: number;
    };
    readonly cache: {
      readonly memory: ByteSize;
      readonly mode: 'single' | 'cluster';
      readonly maxConnections: number;
    };
  };
  /** The claim that pods share, and owner of its files and user of the pods. */
  readonly sharedFiles: { readonly size: ByteSize; readonly uid: number; readonly gid: number };
  /** The storage below the claim, with its throughput and minimum; `undefined` where a foundation makes it. */
  readonly storage: SharedStorage | undefined;
  readonly scheduling: SystemTopology['scheduling'];
  readonly spread: SystemTopology['spread'];
  readonly shutdown: { readonly preStop: Duration; readonly drain: Duration; readonly grace: Duration };
  readonly network: SystemTopology['network'];
  readonly traffic: TrafficSettings;
  readonly observability: SystemTopology['observability'];
  readonly backup: SystemTopology['backup'];
  readonly security: { readonly imagePullSecrets: readonly string[] };
  /** What the topology names; what it leaves out (`undefined`), a foundation makes. `local` runs in the namespace. */
  readonly backing: {
    readonly image: ImageReference | undefined;
    readonly storage: StorageSettings | undefined;
    readonly cache: CacheConnection | 'local' | undefined;
    readonly database: DatabaseConnection | 'local' | undefined;
  };
  /** Findings that are accepted: check → reason. */
  readonly allow: Readonly<Record<string, string | undefined>>;
}

/** A system of the runtime with every default filled in, from the schema, the profile and the models. */
export interface InferenceSettings extends SystemSettings {
  readonly kind: 'Inference' | 'StreamingChat';
  readonly models: readonly ModelSettings[];
  readonly engine: EngineSettings;
  /** One workload of role `all`, or three: gateway, worker, controller. */
  readonly workloads: readonly WorkloadSettings[];
  readonly update: InferenceTopology['update'];
  /** @see startupBudget of the constructs where `budget` is not set */
  readonly startup: InferenceTopology['startup'];
  readonly runtime: InferenceTopology['runtime'];
  readonly network: InferenceTopology['network'];
  readonly observability: InferenceTopology['observability'];
  readonly security: {
    readonly huggingFaceToken: SecretKeyReference | undefined;
    readonly clusterSecret: SecretKeyReference;
    readonly trustedCa: CertificateBundle | undefined;
    /** The administrator's password is named. */
    readonly access: InferenceTopology['security']['access'];
    readonly imagePullSecrets: readonly string[];
  };
  readonly allow: InferenceTopology['allow'];
}
