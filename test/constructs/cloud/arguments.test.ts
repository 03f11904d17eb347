import { output } from '@pulumi/pulumi';
import {
  allFit,
  existingImage,
  inField,
  known,
  lookUp,
  lookUpField,
  matches,
  oneOf,
  required,
  smallestMachine,
  within,
  withPlaceholders,
} from '../../../constructs/cloud';
import {
  type ImageReference,
  InvalidInputError,
  isPlaceholder,
  placeholderText,
} from '../../../constructs/contracts';

const refused = (reason: string) =>
  Promise.reject(new InvalidInputError('x', [{ path: 'id', value: 1, reason, mend: 'write 2' }]));

describe('checks of arguments', () => {
  const id = { reason: 'is no id', mend: 'write one' };

  it('let through what only Pulumi will know', () => {
    for (const later of [output('x'), Promise.resolve('x'), placeholderText(1)]) {
      expect(known(later)).toBeUndefined();
      expect(matches('id', later, /^id-/, id)).toEqual([]);
      expect(oneOf('id', later, ['a'])).toEqual([]);
    }
    expect(within('count', output(0), [1, 2], 'things')).toEqual([]);
    expect(required('id', output(''), 'write one')).toEqual([]);
  });

  it('let through what is left out, but for what is required', () => {
    expect(matches('id', undefined, /^id-/, id)).toEqual([]);
    for (const nothing of [undefined, null, '', []])
      expect(required('id', nothing, 'write one')).toHaveLength(1);
  });

  it('find values that no type would have let in', () => {
    const anything: unknown[] = [7, true, {}, [], 'x'];
    for (const value of anything) expect(matches('id', value as string, /^id-/, id)).toHaveLength(1);
    for (const value of ['2', 1.5, Number.NaN, 0, 3]) {
      expect(within('count', value as number, [1, 2], 'things')).toHaveLength(1);
    }
  });

  it('name what may be written', () => {
    expect(oneOf('mode', 'both', ['single', 'cluster'])).toEqual([
      {
        path: 'mode',
        value: 'both',
        reason: 'is not a value of this field',
        mend: 'write "single" or "cluster"',
      },
    ]);
  });

  it('say the field that holds them', () => {
    expect(inField('cache', oneOf('mode', 'both', ['single']))[0]?.path).toBe('cache.mode');
  });
});

describe('allFit', () => {
  it('gives all that was found', async () => {
    expect(await allFit('x', [], { one: Promise.resolve(1), none: undefined })).toEqual({
      one: 1,
      none: undefined,
    });
  });

  it('throws the problems of arguments and look-ups together', async () => {
    const given = [{ path: 'name', value: '', reason: 'is missing', mend: 'write one' }];
    await expect(
      allFit('x', given, { one: refused('is bursting'), two: lookUpField('cache', refused('has no TLS')) }),
    ).rejects.toThrow(/3 problems[\s\S]*name[\s\S]*is bursting[\s\S]*cache\.id = 1\n.*has no TLS/);
  });

  it('makes a problem of a cloud that does not answer, and keeps a bug a bug', async () => {
    const silent = lookUp('id', 'fs-1', () => Promise.reject(new Error('AccessDenied')));
    await expect(silent).rejects.toThrow(/id = "fs-1"\n.*can't be looked up: AccessDenied/);
    const bug = Promise.reject(new TypeError('x is undefined'));
    await expect(allFit('x', [], { bug })).rejects.toThrow(TypeError);
  });
});

describe('withPlaceholders', () => {
  it('puts a placeholder for each Output and leaves the rest', () => {
    const image = withPlaceholders<ImageReference>({
      repository: output('registry/chat'),
      tag: '1.4.2',
      pullSecrets: [output('a'), 'b'],
    });
    expect(isPlaceholder(image.repository)).toBe(true);
    expect(isPlaceholder(image.pullSecrets?.[0])).toBe(true);
    expect(image).toMatchObject({ tag: '1.4.2', pullSecrets: [expect.any(String), 'b'] });
  });
});

describe('existingImage', () => {
  it.each<[ImageReference, RegExp]>([
    [{ repository: 'ghcr.io/acme/chat' }, /latest/],
    [{ repository: 'ghcr.io/acme/chat', tag: 'main' }, /moves/],
    [{ repository: 'ghcr.io/acme/chat:1.4.2', tag: '1.4.2' }, /without a tag/],
    [{ repository: 'ghcr.io/acme/chat', digest: 'sha256:abc' }, /not a digest/],
  ])('refuses %j', (image, message) => {
    expect(() => existingImage(image)).toThrow(message);
  });

  it('takes what is pinned', () => {
    const image = { repository: 'ghcr.io/acme/chat', tag: '1.4.2' };
    expect(existingImage(image)).toEqual({ contract: image, objects: [], ready: [] });
  });
});

describe('smallestMachine', () => {
  const table = [
    { name: 'small', cpu: 2, memory: 4 },
    { name: 'wide', cpu: 2, memory: 16 },
    { name: 'fast', cpu: 8, memory: 8 },
  ];

  it.each([
    [{ cpu: 2, memory: 4 }, 'small'],
    [{ cpu: 2, memory: 5 }, 'wide'],
    [{ cpu: 4, memory: 4 }, 'fast'],
    [{ memory: 8 }, 'wide'],
    [{ cpu: 16, memory: 1 }, undefined],
  ])('finds the first that has %j', (size, name) => {
    expect(smallestMachine(table, size)?.name).toBe(name);
  });
});
