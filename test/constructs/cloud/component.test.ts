import { output, secret } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import { CloudComponent, type Transforms } from '../../../constructs/cloud';
import type { Problem } from '../../../constructs/contracts';
import { runProgram } from '../../support/pulumi-mocks';

interface Children {
  firstId: RandomIdArgs;
  otherId: RandomIdArgs;
}

class Pair extends CloudComponent<Children> {
  constructor(name: string, transform?: Transforms<Children>, problems: readonly Problem[] = []) {
    super('polypod:test:Pair', name, problems, transform, undefined);
    new RandomId(...this.child('firstId', { byteLength: 4 }));
    new RandomId(...this.child('otherId', { byteLength: 4 }, { protect: true }, 'b'));
    this.registerOutputs({});
  }
}

const ID = 'random:index/randomId:RandomId';

describe('CloudComponent', () => {
  it('derives the names of its children, which are its own', async () => {
    const run = await runProgram(() => new Pair('chat'));
    expect(run.names()).toEqual(['polypod:test:Pair chat', `${ID} chat-first-id`, `${ID} chat-other-id-b`]);
    for (const child of run.ofType(ID)) expect(child.parent).toContain('polypod:test:Pair::chat');
  });

  it('lets a transform replace arguments of one kind of child', async () => {
    const run = await runProgram(() => new Pair('chat', { otherId: { byteLength: 8 } }));
    expect(run.get(ID, 'chat-first-id').inputs).toMatchObject({ byteLength: 4 });
    expect(run.get(ID, 'chat-other-id-b')).toMatchObject({ inputs: { byteLength: 8 }, protect: true });
  });

  it('lets a transform change arguments and options, and know whose', async () => {
    const run = await runProgram(
      () =>
        new Pair('chat', {
          otherId: (args, options, name) => {
            args.prefix = name;
            options.protect = false;
            options.ignoreChanges = ['byteLength'];
          },
        }),
    );
    expect(run.get(ID, 'chat-other-id-b')).toMatchObject({
      inputs: { byteLength: 4, prefix: 'chat-other-id-b' },
      protect: false,
      ignoreChanges: ['byteLength'],
    });
  });

  it.each(['Chat', '1chat', 'chat_prod', 'chat-', 'chat--prod', 'a'.repeat(27), ''])(
    'refuses the name %p',
    async (name) => {
      const run = await runProgram(() => {
        expect(() => new Pair(name)).toThrow(/can not begin the names of cloud resources/);
      });
      expect(run.resources).toEqual([]);
    },
  );

  it('tells problems of the name and of the arguments together', async () => {
    const problem = { path: 'size', value: 0, reason: 'is too small', mend: 'write 1' };
    const run = await runProgram(() => {
      expect(() => new Pair('Chat', undefined, [problem])).toThrow(
        /2 problems[\s\S]*name = "Chat"[\s\S]*size = 0/,
      );
    });
    expect(run.resources).toEqual([]);
  });
});

describe('secrets and Outputs as arguments', () => {
  it('pass the checks unseen, and reach the resource', async () => {
    const run = await runProgram(
      () =>
        new Pair('chat', {
          firstId: { prefix: secret('a-secret-prefix') },
          otherId: { prefix: output('later') },
        }),
    );
    expect(run.get(ID, 'chat-first-id').secrets).toEqual(['prefix']);
    expect(run.get(ID, 'chat-other-id-b').inputs.prefix).toBe('later');
  });
});
