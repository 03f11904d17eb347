import { EncryptionKey } from '../../../constructs/gcp/encryption-key';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, MODES } from './gcp-mocks';

const ARGS = { project: 'acme-chat', projectNumber: '123456789012', region: 'europe-west3' };
const build = (args = {}) => new EncryptionKey('chat-key', { ...ARGS, ...args });

describe('EncryptionKey', () => {
  it.each(MODES)('makes a key that rotates, and lets the services use it, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'gcp:kms/cryptoKey:CryptoKey': 1,
      'gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember': 6,
      'gcp:kms/keyRing:KeyRing': 1,
      'gcp:projects/serviceIdentity:ServiceIdentity': 6,
    });
    expect(run.get('gcp:kms/cryptoKey:CryptoKey')).toMatchObject({
      protect: true,
      retainOnDelete: true,
      inputs: {
        purpose: 'ENCRYPT_DECRYPT',
        rotationPeriod: '7776000s',
        destroyScheduledDuration: '2592000s',
      },
    });
  });

  it('names the agents of the services that hold data', async () => {
    const run = await runProgram(() => build(), GCP);
    expect(
      run.ofType('gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember').map(({ inputs }) => inputs.member),
    ).toEqual(
      [
        'gcp-sa-artifactregistry',
        'compute-system',
        'container-engine-robot',
        'cloud-filer',
        'cloud-redis',
        'gcp-sa-cloud-sql',
      ].map((domain) => `serviceAccount:service-123456789012@${domain}.iam.gserviceaccount.com`),
    );
  });

  it('gives the name of the key only with the rights to it', async () => {
    expect(await opened((await runProgram(() => build(), GCP)).result.keyName)).toEqual({
      value: 'chat-key-key-id',
      secret: false,
    });
    const preview = await runProgram(() => build(), GCP_PREVIEW);
    expect(await opened(preview.result.keyName)).toMatchObject({ value: UNKNOWN });
  });

  it('can be torn down on purpose, and refuses what is wrong', async () => {
    const run = await runProgram(() => build({ removal: 'destroy' }), GCP);
    expect(run.get('gcp:kms/cryptoKey:CryptoKey').protect).toBe(false);
    await runProgram(() => {
      expect(() => build({ region: 'global', project: '' })).toThrow(/2 problems[\s\S]*project[\s\S]*region/);
    }, GCP);
  });
});
