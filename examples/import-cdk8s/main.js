const { App } = require('cdk8s');
const { InferenceChart, inferenceTopology } = require('polypod');

const app = new App();
new InferenceChart(
  app,
  'chat',
  inferenceTopology({
    name: 'chat',
    replicas: 3,
    models: [
      {
        name: 'qwen2.5-0.5b-instruct',
        source: 'hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf',
        size: '492M',
      },
    ],
    backing: {
      image: 'ghcr.io/acme/polypod-runtime:0.1.0',
      storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/exports/models' },
      cache: 'local',
      database: 'local',
    },
  }),
);
app.synth();
