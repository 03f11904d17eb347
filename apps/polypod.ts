#!/usr/bin/env node
/**
 * Starts the `polypod` command. Loading its modules would take longer than its work: it is one bundle
 * (`npm run bundle`), and Node keeps what it compiles of it for the next time.
 */

/** `engines` of package.json. This file itself must run on any Node, to say so. */
const OLDEST_NODE = [22, 12] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) {
  process.getBuiltinModule('node:module').enableCompileCache();
  require('./command');
} else {
  process.stderr.write(
    `polypod needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}\n`,
  );
  process.exitCode = 2;
}
