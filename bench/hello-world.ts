/** The baseline of `bench:synth`: a Service and a Deployment, as cdk8s' own first example has them. */
import { ApiObject, App, Chart } from 'cdk8s';

const app = new App({ outdir: process.argv[2] ?? 'dist' });
const chart = new Chart(app, 'hello');
const label = { app: 'hello-k8s' };
new ApiObject(chart, 'service', {
  apiVersion: 'v1',
  kind: 'Service',
  spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 8080 }], selector: label },
});
new ApiObject(chart, 'deployment', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  spec: {
    replicas: 2,
    selector: { matchLabels: label },
    template: {
      metadata: { labels: label },
      spec: {
        containers: [
          {
            name: 'hello-kubernetes',
            image: 'paulbouwer/hello-kubernetes:1.7',
            ports: [{ containerPort: 8080 }],
          },
        ],
      },
    },
  },
});
app.synth();
