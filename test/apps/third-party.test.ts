import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const NOTICES = readFileSync(join(__dirname, '../../lib/apps/THIRD-PARTY.txt'), 'utf8');

test.each(['cdk8s', 'commander', 'constructs', 'elkjs', 'fastest-levenshtein', 'js-yaml', 'yaml', 'zod'])(
  'the bundled command comes with the licence of %s',
  (name) => {
    const { version, license } = JSON.parse(
      readFileSync(join(__dirname, '../../node_modules', name, 'package.json'), 'utf8'),
    );
    const [, text = ''] = NOTICES.split(`${name} ${version}, ${license}\n`);
    expect(text.split('-'.repeat(80))[0]?.length).toBeGreaterThan(500);
  },
);
