import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { makeObjects } from '../../../constructs/kubernetes/objects';

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value' } };

function scope(namespace?: string): Construct {
  return new Construct(new Chart(new App(), 'chart', { namespace }), 'thing');
}

describe('makeObjects', () => {
  test('makes what is given, patched, under its own id', () => {
    const thing = scope();
    const { config, secret } = makeObjects(
      thing,
      { config: configMap, secret: undefined },
      { config: { data: { key: null, other: '1' } } },
    );
    expect(secret).toBeUndefined();
    expect(config.node.path).toBe('chart/thing/config');
    expect(config.toJson()).toEqual({ ...configMap, data: { other: '1' } });
  });

  test('deletes a whole field of an object', () => {
    const { config } = makeObjects(scope(), { config: configMap }, { config: { data: null } });
    expect(config.toJson()).not.toHaveProperty('data');
  });

  test("keeps the chart's namespace off cluster-wide objects", () => {
    const { config, storageClass } = makeObjects(scope('llm'), {
      config: configMap,
      storageClass: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'a' },
        provisioner: 'x',
      },
    });
    expect(config.toJson().metadata.namespace).toBe('llm');
    expect(storageClass.toJson().metadata).not.toHaveProperty('namespace');
  });

  test('refuses everything at once, names the construct, and makes nothing', () => {
    const thing = scope();
    const make = () =>
      makeObjects(
        thing,
        { config: configMap, secret: undefined },
        { config: { data: { missing: null } }, secret: { data: {} }, confg: { data: {} } },
        [{ path: 'name', value: '', reason: 'is empty', mend: 'name it' }],
      );
    expect(make).toThrow(
      [
        'chart/thing: 4 problems',
        '  name = ""',
        '    is empty',
        '    → name it',
        '  overrides.config.data.missing = null',
        '    deletes a field that is not there',
        '    → remove it, or correct its path',
        '  overrides.secret = {"data":{}}',
        '    is for an object that is not made here',
        '    → remove it, or choose one of: config',
        '  overrides.confg = {"data":{}}',
        '    is for an object that is not made here',
        '    → remove it, or choose one of: config',
      ].join('\n'),
    );
    expect(thing.node.children).toEqual([]);
  });
});
