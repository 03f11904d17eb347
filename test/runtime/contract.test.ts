import { modelPath } from '../../runtime/contract.cjs';

test.each([
  ['hf:Qwen/Qwen2.5-7B-GGUF/q4.gguf', '/models/hf/Qwen/Qwen2.5-7B-GGUF/q4.gguf'],
  ['hf:Qwen/Qwen2.5-32B-Instruct-AWQ', '/models/hf/Qwen/Qwen2.5-32B-Instruct-AWQ'],
  ['https://models.example.com/a/b.gguf?token=x', '/models/https/models.example.com/a/b.gguf'],
  ['demo:', '/models/demo.gguf'],
  ['file:/models/own.gguf', '/models/own.gguf'],
  ['file:///models/own.gguf', '/models/own.gguf'],
  ['hf:../../etc', '/models/hf/-/-/etc'],
])('%s lies in %s', (source, path) => {
  expect(modelPath(source)).toBe(path);
});
