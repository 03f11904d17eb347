import type { runtime } from '@pulumi/pulumi';
import type { ServicePlacement } from '../../../constructs/gcp/service-access';
import type { MockedCloud } from '../../support/pulumi-mocks';

export const NETWORK_ID = 'projects/acme-chat/global/networks/platform';
export const KEY = 'projects/acme-chat/locations/europe-west3/keyRings/chat/cryptoKeys/chat';

/** A VPC with private service access, as a test writes it. */
export const PLACEMENT: ServicePlacement = {
  region: 'europe-west3',
  networkId: NETWORK_ID,
  nodeCidr: '10.0.128.0/20',
  peeringRangeName: 'managed-services',
  peeringRangeCidr: '10.0.144.0/20',
};

const AUTHORITY = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

/** What Google Cloud and the other providers make up for a resource. */
function gcpOutputs({ type, name, inputs }: runtime.MockResourceArgs): Record<string, unknown> {
  const at = `projects/acme-chat/locations/${inputs.location ?? inputs.region}`;
  switch (type) {
    case 'random:index/randomPassword:RandomPassword':
      return { result: `password-of-${name}` };
    case 'gcp:serviceaccount/account:Account':
      return { email: `${inputs.accountId}@acme-chat.iam.gserviceaccount.com` };
    case 'gcp:container/cluster:Cluster':
      return { endpoint: '203.0.113.10', masterAuth: { clusterCaCertificate: 'Y2VydGlmaWNhdGU=' } };
    case 'gcp:filestore/instance:Instance':
      return {
        name,
        networks: [{ ...(inputs.networks?.[0] ?? {}), ipAddresses: ['10.0.144.2'] }],
      };
    case 'gcp:redis/instance:Instance':
      return {
        host: '10.0.144.10',
        port: 6378,
        authString: 'auth-string-of-redis',
        serverCaCerts: [{ cert: AUTHORITY }, { cert: AUTHORITY }],
      };
    case 'gcp:sql/databaseInstance:DatabaseInstance':
      return {
        name,
        privateIpAddress: '10.0.145.3',
        dnsNames: [
          { connectionType: 'PRIVATE_SERVICES_ACCESS', dnsScope: 'CLUSTER', name: 'c.global.sql-psa.goog.' },
          {
            connectionType: 'PRIVATE_SERVICES_ACCESS',
            dnsScope: 'INSTANCE',
            name: '0a1b.2c3d.europe-west3.sql-psa.goog.',
          },
        ],
        serverCaCerts: [{ cert: AUTHORITY }],
      };
    case 'gcp:artifactregistry/repository:Repository':
      return { registryUri: `${inputs.location}-docker.pkg.dev/acme-chat/${inputs.repositoryId}` };
    case 'gcp:workflows/workflow:Workflow':
      return { name: inputs.name ?? name, id: `${at}/workflows/${name}` };
    case 'docker-build:index:Image':
      return { digest: `sha256:${'ab'.repeat(32)}` };
    default:
      return { name: inputs.name ?? name };
  }
}

/** Answers of Google Cloud's data sources for what is created. */
const gcpAnswers: NonNullable<MockedCloud['answers']> = {
  'gcp:organizations/getClientConfig:getClientConfig': () => ({
    project: 'acme-chat',
    region: 'europe-west3',
    zone: '',
    accessToken: 'token-of-the-caller',
  }),
  'gcp:organizations/getProject:getProject': () => ({ projectId: 'acme-chat', number: '123456789012' }),
};

/** Google Cloud in up mode. */
export const GCP: MockedCloud = { outputs: gcpOutputs, answers: gcpAnswers };
/** Google Cloud in a preview: data sources answer, what Google makes up is unknown. */
export const GCP_PREVIEW: MockedCloud = { ...GCP, mode: 'preview' };
/** Both, for tests that count. */
export const MODES: [string, MockedCloud][] = [
  ['up', GCP],
  ['preview', GCP_PREVIEW],
];
