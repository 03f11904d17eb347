/**
 * What the demonstration model says: a walk from the first sentence to the last, in which no phrase occurs twice.
 * Sampling with a temperature may leave sentences out, but goes back to none: every answer ends.
 */
export const DEMO_SENTENCES: readonly string[] = [
  'Hello! I am the demonstration model that comes with Polypod.',
  'I know nothing at all, because I am only a table of phrases, each with the one that follows.',
  'That is enough to watch a stream of tokens arrive, to stop it halfway, or to cut the network cable while it runs.',
  'When the connection returns, your browser asks for whatever came after the last number it saw, so no word is lost and none is repeated.',
  'If the pod which was speaking dies, another pod takes over: it replays my prompt together with every token already written down, then simply carries on.',
  'Because each random choice depends upon a seed and a position, even a sampled answer would read exactly as though nothing had happened.',
  'Behind this page sit an ordinary Kubernetes Service, one shared volume full of model files, a cache for sessions, and a database that decides who leads.',
  'Several replicas may serve you in turn, yet your conversation stays in one piece.',
  'To meet a real language model, start the runtime again with the name of a file in GGUF format or a repository on Hugging Face.',
  'Small ones run well on two processor cores; larger families want a graphics card and some patience during download.',
  'Until then, feel free to open another window, send ten messages at once, kill a process, unplug a cable, and see what breaks.',
  'My hope is that nothing does.',
  'Thank you for reading this far, and good luck with your cluster.',
];
