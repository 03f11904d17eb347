import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeFiles } from './compose-files';

/** `npm run compose`: writes the generated files of `examples/compose` from the repository's root. */
for (const [path, text] of composeFiles()) writeFileSync(join('examples/compose', path), text);
