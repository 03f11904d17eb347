import * as z from 'zod';
import { cidr, dnsLabel, map, port, someText, text } from './fields';
import { secretKey } from './secrets';

/** An API that speaks OpenAI's language: fields to spread. */
export const api = {
  runtime: map({
    name: dnsLabel().describe('Name of an Inference topology in the same cluster.'),
    namespace: dnsLabel().optional().describe('Its namespace. Default: its name.'),
  })
    .optional()
    .describe('A topology of kind Inference. This or url.'),
  url: text((value) =>
    /^https?:\/\/[^/\s@]+(\/\S*)?$/.test(value) && URL.canParse(value)
      ? undefined
      : { reason: 'is not a URL', mend: 'write one such as https://llm.example.com/v1' },
  )
    .optional()
    .describe("Base URL of any API in OpenAI's form, with /v1. This or runtime."),
  cidrs: z.array(cidr()).min(1).optional().describe('Addresses behind url, for the egress rules.'),
  port: port().optional().describe("TCP port behind url, for the egress rules. Default: the URL's."),
  apiKey: secretKey('api-key').optional().describe('Key of the API. Default: none.'),
  model: someText().describe('Model that is asked for.'),
};

const shape = map(api);

/** Where an API is, of whatever serves what. */
export type Api = Omit<z.output<typeof shape>, 'model'>;
