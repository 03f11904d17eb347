import { writeFileSync } from 'node:fs';
import { topologyJsonSchema } from '../stacks/topology/json-schema';

/** `npm run schema`: writes the JSON Schema of topology files from the repository's root. */
writeFileSync('schemas/topology.schema.json', `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
