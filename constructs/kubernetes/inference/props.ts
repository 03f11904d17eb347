import type { ResourceRequirements, Toleration } from 'kubernetes-types/core/v1';
import { type Engine, SECONDS } from '../../../runtime/contract.cjs';
import type {
  CacheConnection,
  CertificateBundle,
  DatabaseConnection,
  ImageReference,
  SecretKeyReference,
  SharedStorage,
} from '../../contracts';
import type { Replicas } from '../workload';

/** What a node of the runtime is made of, whatever its role. */
export interface NodeProps {
  /**
   * Name of the topology, a DNS label. Objects are named after it, and it is the label
   * `app.kubernetes.io/instance`: another name is another system.
   */
  readonly name: string;
  /** The runtime's image. */
  readonly image: ImageReference;
  /** Number of pods, or the range within which an autoscaler chooses it. */
  readonly replicas: Replicas;
  /**
   * CPU and memory of the runtime's container. `requests.cpu` and `requests.memory` are required, since the
   * scheduler and autoscalers reckon with them.
   *
   * @default limits.memory as requested; no CPU limit, since throttling stalls every stream; 1 GiB of scratch space
   */
  readonly resources: ResourceRequirements;
  /** Where nodes find each other and agree who leads. Required for more than one pod or one role. */
  readonly database?: DatabaseConnection;
  /** Connections to the database that each pod opens. @default 20, as in seed 001 */
  readonly databasePoolSize?: number;
  /** What carries streams from pod to pod. Required for more than one pod or one role. */
  readonly cache?: CacheConnection;
  /** Connections to the cache that each pod opens. @default 10, as in seed 001 */
  readonly cachePoolSize?: number;
  /** Secret by which nodes know each other. Required for more than one pod or one role. */
  readonly clusterSecret?: SecretKeyReference;
  /** Secrets that fields of the configuration's `access` stand for. */
  readonly accessSecrets?: AccessSecrets;
  /**
   * Certificate authorities that the runtime trusts beside the public ones: of a proxy, of a private OpenID provider,
   * of a mirror of models. Database and cache have their own. Pods read them when they start.
   *
   * @default the public ones
   */
  readonly trustedCa?: CertificateBundle;
  /** Further fields of the runtime's configuration file. They replace whole fields that the construct writes. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** An existing ServiceAccount. @default one is made, without rights and without a token */
  readonly serviceAccountName?: string;
  /**
   * An existing headless Service of all nodes of the topology. Separate roles share one.
   *
   * @default `NAME-peers` is made
   */
  readonly peerService?: string;
  /**
   * Seconds for which the client Service sends one address to one pod. Only for roles that serve clients. Streams do
   * not need it: any pod resumes them.
   *
   * @default no affinity
   */
  readonly clientAffinitySeconds?: number;
  /** How a pod goes away. */
  readonly shutdown?: ShutdownProps;
  /** Where pods may run. */
  readonly scheduling?: SchedulingProps;
  /** The larger system, as label `app.kubernetes.io/part-of`. @default the name */
  readonly partOf?: string;
  /** User of the pods. @default the store's, else the runtime's, 10001 */
  readonly uid?: number;
  /** Group of the pods and of their files. @default the store's, else the runtime's, 10001 */
  readonly gid?: number;
  /** Old versions that are kept for a rollback. @default 3 */
  readonly revisionHistoryLimit?: number;
  /** Seconds that a new pod must be ready before the next is taken. @default 10 */
  readonly minReadySeconds?: number;
}

/** Secrets of who may use the runtime. Each belongs to a section of the configuration's `access`. */
export interface AccessSecrets {
  /** Of `access.firstAdmin`: 10 characters or more. Read until there is an administrator. */
  readonly adminPassword?: SecretKeyReference;
  /** Of `access.oidc`. */
  readonly oidcClientSecret?: SecretKeyReference;
  /** Of `access.jwt`: 32 bytes or more. */
  readonly jwtSecret?: SecretKeyReference;
}

/** What a node that holds models is made of besides. */
export interface ModelNodeProps extends NodeProps {
  /** Models that every pod loads at its start. */
  readonly models: readonly ModelProps[];
  /** Claim of the model store, and the storage below it. A `ModelStore` is one. */
  readonly modelStore: { readonly claimName: string; readonly storage: SharedStorage };
  /** What generates. @default llama.cpp, inside the runtime's container */
  readonly engine?: EngineProps;
  /** Token for gated models of Hugging Face. The runtime reads it from a file; engines beside it never see it. */
  readonly huggingFaceToken?: SecretKeyReference;
  /**
   * Seconds until a pod is given up that has not loaded its models.
   *
   * @default reckoned by `startupBudgetSeconds` from model bytes and the storage's throughput
   */
  readonly startupBudgetSeconds?: number;
}

/** One model, as manifests need to know it. */
export interface ModelProps {
  /** What clients send as `model`. */
  readonly name: string;
  /** `hf:owner/repository/file.gguf`, `hf:owner/repository`, `https://…`, `file:/…`, `demo:`. */
  readonly source: string;
  /** Bytes of its files together. The startup budget follows from it. */
  readonly bytes: number;
  /** Commit or tag of the repository. @default main */
  readonly revision?: string;
  /** Checksum of a single file, 64 hexadecimal digits. @default what the source states */
  readonly sha256?: string;
  /** What it is for: vLLM, SGLang and llama-server have to be told. @default chat */
  readonly purpose?: 'chat' | 'embedding';
  /** Tokens of prompt and answer together. @default the engine's */
  readonly contextLength?: number;
  /** Requests that one pod generates at once. @default the engine's */
  readonly sequences?: number;
  /** How many pods hold it: always, and while requests wait for it. @default every pod that holds models */
  readonly placement?: { readonly replicas: number; readonly max?: number };
}

/** What generates: inside the runtime's container, or beside it on localhost. */
export interface EngineProps {
  readonly name: Engine;
  /**
   * Cores that llama.cpp decodes with, for each model. More than are free make the pods of a node take turns.
   *
   * @default the whole cores that the runtime requests, shared by its models
   */
  readonly threads?: number;
  /** @default the official image, at the version named in `engines/` */
  readonly image?: ImageReference;
  /** Further arguments, after those that the construct sets. Not for llama.cpp, which has no arguments. */
  readonly args?: readonly string[];
  /** Further environment variables of the engine's container. Never secrets. */
  readonly env?: Readonly<Record<string, string>>;
  /** CPU and memory of the engine's container. Required for all but llama.cpp. */
  readonly resources?: ResourceRequirements;
  /** @default none: the engine computes on CPUs */
  readonly gpu?: GpuProps;
  /**
   * Seconds that the engine takes beyond reading its models.
   *
   * @default an estimate: llama.cpp 15, llama-server 30, ollama 60, sglang 240, vllm 300 (compilation and CUDA graphs)
   */
  readonly loadSeconds?: number;
}

/** Accelerators of each pod. */
export interface GpuProps {
  /** Extended resource of the device plugin. @default `nvidia.com/gpu` */
  readonly resource?: string;
  /** Devices that each pod takes, whole. */
  readonly count: number;
  /** Labels of nodes with the right device. @default none besides those of `scheduling` */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of such nodes. @default NoSchedule by the resource's name, as the clouds set it */
  readonly tolerations?: readonly Toleration[];
  /** Size of /dev/shm, over which the processes of an engine exchange tensors. It counts as memory. @default 8Gi */
  readonly sharedMemory?: string;
}

/** How a pod goes away. Seconds. */
export interface ShutdownProps {
  /** Wait before SIGTERM, while load balancers withdraw the pod. @default the runtime's, 10 */
  readonly preStopSeconds?: number;
  /** Time after SIGTERM in which streams are handed over. @default the runtime's, 20 */
  readonly drainSeconds?: number;
  /** Time from the wish to stop until SIGKILL. @default preStop, drain and 15 */
  readonly graceSeconds?: number;
}

/** How hard pods keep apart: `DoNotSchedule` leaves a pod pending rather than uneven, `off` lets them crowd. */
type Spread = 'ScheduleAnyway' | 'DoNotSchedule' | 'off';

/** Where pods may run. */
export interface SchedulingProps {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  /** An existing PriorityClass. @default the cluster's */
  readonly priorityClassName?: string;
  /** Over zones and over nodes, one pod of difference at most. @default ScheduleAnyway for both */
  readonly spread?: { readonly zones?: Spread; readonly nodes?: Spread };
}

/** A pod's times of going away, in seconds, with defaults filled in. */
export function shutdownSeconds({ preStopSeconds, drainSeconds, graceSeconds }: ShutdownProps = {}) {
  const preStop = preStopSeconds ?? SECONDS.preStop;
  const drain = drainSeconds ?? SECONDS.drain;
  return { preStop, drain, grace: graceSeconds ?? preStop + drain + SECONDS.graceMargin };
}
