#!/usr/bin/env node
import { Command } from 'commander';
import { serve } from './commands/serve.js';

const program = new Command('polypod-runtime').description("Polypod's inference runtime");
serve(program);
await program.parseAsync();
