#!/usr/bin/env node
/** Starts the `polypod` command, on a Node.js that can run it. This file itself must run on any, to say so. */

/** `engines` of package.json. */
const OLDEST_NODE = [22, 12] as const;

/** What is run over and over, by editors and pipelines; printing its help compiles too little of it to be kept. */
const use = ['check', 'synth'].find((command) => command === process.argv[2]);
const isHelp = process.argv.some((argument) => argument === '--help' || argument === '-h');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) {
  const { runBundle }: typeof import('./run-bundle') = require('./run-bundle');
  runBundle(isHelp ? undefined : use);
} else {
  process.stderr.write(
    `polypod needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}\n`,
  );
  process.exitCode = 2;
}
