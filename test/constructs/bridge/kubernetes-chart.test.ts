import * as pulumi from '@pulumi/pulumi';
import { asNumber, asString } from '../../../constructs/bridge';
import { add, deploy } from './deploy';

test('a Deployment with Outputs becomes a resource with their values', async () => {
  const [resource] = await deploy((chart) =>
    add(chart, 'apps/v1', 'Deployment', 'api', {
      spec: {
        replicas: asNumber(pulumi.output(3)),
        template: {
          spec: {
            containers: [
              {
                name: 'api',
                image: pulumi.output('nginx:1'),
                env: [
                  {
                    name: 'URL',
                    value: `http://${asString(pulumi.output('host'))}:${asNumber(pulumi.output(80))}/`,
                  },
                ],
              },
            ],
          },
        },
      },
    }),
  );
  expect(resource).toMatchObject({ type: 'kubernetes:apps/v1:Deployment', name: 'web/Deployment/llm/api' });
  expect(resource?.inputs).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', namespace: 'llm' },
    spec: {
      replicas: 3,
      template: {
        spec: {
          containers: [{ name: 'api', image: 'nginx:1', env: [{ name: 'URL', value: 'http://host:80/' }] }],
        },
      },
    },
  });
});
