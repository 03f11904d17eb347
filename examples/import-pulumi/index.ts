import { InferenceTopology } from 'polypod/deployment';

const chat = new InferenceTopology('chat', {
  foundation: 'aws',
  topology: {
    kind: 'Inference',
    name: 'chat',
    namespace: 'llm',
    models: [
      {
        name: 'qwen2.5-0.5b-instruct',
        source: 'hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf',
        size: '492M',
      },
    ],
  },
  aws: {
    cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
    image: { existing: 'ghcr.io/acme/polypod-runtime:0.1.0' },
  },
});

export const { endpoint, tryIt, kubeconfig } = chat;
