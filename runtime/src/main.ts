#!/usr/bin/env node
import { Command } from 'commander';
import { accounts } from './commands/accounts.js';
import { backups } from './commands/backup.js';
import { health } from './commands/health.js';
import { instances } from './commands/instances.js';
import { models } from './commands/models.js';
import { serve } from './commands/serve.js';

const program = new Command('polypod-runtime').description("Polypod's inference runtime");
serve(program);
models(program);
instances(program);
health(program);
backups(program);
accounts(program);
await program.parseAsync();
