import {
  isMangledPlaceholder,
  isPlaceholder,
  type Problem,
  placeholderIndex,
  placeholderNumber,
  placeholderText,
} from '../contracts';
import { isMergedOutput, registered } from './outputs';
import { holdsHiddenPlaceholder, inBase64, type Scan, scanText } from './text';

/** Why an Output can't come back from the way that it went, and what to write instead. */
export type Fault = Pick<Problem, 'reason' | 'mend'>;

const PLACEHOLDER_KEY: Fault = {
  reason: 'the name of a field is an Output; names must be known before anything is created',
  mend: 'give the field a fixed name, and keep the Output for its value',
};
const MERGED: Fault = {
  reason: 'an Output was merged with other fields, as if it were the map that it will bring',
  mend: 'give each value as an Output of its own, { key: output.key }; cdk8s merges metadata, and labels with those of the chart',
};
const NEVER_GIVEN_OUT: Fault = {
  reason: 'a placeholder that this program did not give out',
  mend: 'make it by asString or asNumber in the same program, and never store one',
};
const COMPUTED: Fault = {
  reason: 'a number that was computed from the placeholder of an Output',
  mend: 'compute inside the Output, and hand in the result: asNumber(output.apply((n) => n + 1))',
};
const TO_STRING: Fault = {
  reason: 'an Output was turned into text, so this is an error message of Pulumi and not the value',
  mend: 'write asString(output) inside template literals and JSON, or build the text with pulumi.interpolate',
};
const MANGLED: Fault = {
  reason:
    'the placeholder of an Output was cut, re-cased, encoded or computed with, so that its value can no longer be put in its place',
  mend: 'change the value inside the Output: asString(output.apply((text) => …))',
};

/** However it was cut, re-cased or stripped. */
const TO_STRING_TEXT = /calling[^a-z]*to(string|json)[^a-z]*on[^a-z]*an[^a-z]*output/i;
const ENCODED_TO_STRING = [...inBase64('Calling [toString]'), ...inBase64('Calling [toJSON]')];

const NEVER_GIVEN_OUT_TEXT = new RegExp(placeholderText(0).replace('0', '\\d+'));
const COMPUTED_TEXT = /(?:900|899)\d{13}/g;

/** What is wrong with the name of a field. */
export function faultOfKey(key: string): Fault | undefined {
  return isPlaceholder(key) ? PLACEHOLDER_KEY : faultOfText(scanText(key));
}

/** What is wrong with a text. */
export function faultOfText({ rest }: Scan): Fault | undefined {
  if (TO_STRING_TEXT.test(rest) || ENCODED_TO_STRING.some((part) => rest.includes(part))) return TO_STRING;
  // All that could be filled is; what still looks like a placeholder never will be.
  if (NEVER_GIVEN_OUT_TEXT.test(rest)) return NEVER_GIVEN_OUT;
  if (isMangledPlaceholder(rest) || holdsHiddenPlaceholder(rest)) return MANGLED;
  return rest.match(COMPUTED_TEXT)?.some((digits) => faultOfNumber(Number(digits))) ? COMPUTED : undefined;
}

/** What is wrong with a number. */
export function faultOfNumber(value: number): Fault | undefined {
  const index = placeholderIndex(value);
  const isComputed =
    index !== undefined && registered(index)?.as === 'number' && value !== placeholderNumber(index);
  return isComputed ? COMPUTED : undefined;
}

/** What is wrong with a map. */
export function faultOfMap(value: object): Fault | undefined {
  return isMergedOutput(value) ? MERGED : undefined;
}
