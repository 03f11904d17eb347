import * as pulumi from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random/randomPassword';
import { RandomPet } from '@pulumi/random/randomPet';
import { opened, runProgram, UNKNOWN } from './pulumi-mocks';

/** The harness is what every cloud test relies on to fail. */
describe('runProgram', () => {
  const outputs = () => ({ result: 'a-long-password' });

  it('fails on two resources of one type and name', async () => {
    await expect(
      runProgram(() => {
        new RandomPet('pet', {});
        new RandomPet('pet', {});
      }),
    ).rejects.toThrow('two resources have the URN');
  });

  it('fails where a secret also stands in the open', async () => {
    await expect(
      runProgram(
        () => {
          const { result } = new RandomPassword('password', { length: 20 });
          new RandomPet('closed', { prefix: result });
          new RandomPet('open', { prefix: pulumi.unsecret(result) });
        },
        { outputs },
      ),
    ).rejects.toThrow('shows the secret');
  });

  it('fails on a data source that the test has no answer for', async () => {
    await expect(
      runProgram(() => pulumi.runtime.invoke('aws:index/getRegion:getRegion', {})),
    ).rejects.toThrow('no answer for aws:index/getRegion:getRegion');
  });

  it('shows inputs, secrets and what a preview does not know', async () => {
    const program = () => {
      const password = new RandomPassword('password', { length: 20 });
      new RandomPet('pet', { prefix: password.result }, { protect: true, dependsOn: password });
      return password.result;
    };
    const up = await runProgram(program, { outputs });
    const pet = up.get('random:index/randomPet:RandomPet');
    expect(pet).toMatchObject({ inputs: { prefix: 'a-long-password' }, secrets: ['prefix'], protect: true });
    expect(pet.dependencies).toEqual([up.get('random:index/randomPassword:RandomPassword').urn]);
    expect(await opened(up.result)).toEqual({ value: 'a-long-password', secret: true });

    const preview = await runProgram(program, { mode: 'preview' });
    expect(preview.get('random:index/randomPet:RandomPet')).toMatchObject({
      inputs: { prefix: UNKNOWN },
      unknowns: ['prefix'],
    });
    expect(preview.names()).toEqual(up.names());
  });
});
