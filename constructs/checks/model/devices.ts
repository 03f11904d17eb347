import { objectAt } from '../json';
import { isDevice } from '../known/devices';
import type { Container } from './container';
import { parseQuantity } from './quantity';

/** GPUs and the like that a container takes for itself, one for each device: `1 × nvidia.com/gpu`. */
export function devicesOf({ spec }: Container): string[] {
  const wanted = { ...objectAt(spec, 'resources', 'requests'), ...objectAt(spec, 'resources', 'limits') };
  return Object.entries(wanted).flatMap(([resource, value]) => {
    const count = isDevice(resource) ? (parseQuantity(value) ?? 0) : 0;
    return count > 0 ? [`${count} × ${resource}`] : [];
  });
}
