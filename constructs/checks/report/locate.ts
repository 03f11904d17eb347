import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml';
import { pathSteps, pathTo } from '../json';
import type { DocumentText, ObjectOrigin } from '../kubernetes-object';

/** A place in a file; line and column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A field of an object, to be found in the text that it was read from. */
export interface Field {
  readonly origin: ObjectOrigin;
  readonly path: string;
}

/**
 * Finds the lines of fields. Each text that a field lies in is read once more, in one pass for all of its fields,
 * and no other text is. A field that is missing is found at the nearest part of its path that is there.
 *
 * @returns the places, in the order of the fields; `undefined` for objects that were made in memory
 */
export function locate(fields: readonly Field[]): (Place | undefined)[] {
  const byDocument = new Map<DocumentText, number[]>();
  fields.forEach(({ origin: { document } }, index) => {
    if (!document) return;
    const list = byDocument.get(document);
    if (list) list.push(index);
    else byDocument.set(document, [index]);
  });
  const places: (Place | undefined)[] = fields.map(() => undefined);
  for (const [document, indexes] of byDocument) {
    const wanted = new Wanted();
    const leaves = indexes.map((index) => {
      const { origin, path } = fields[index] ?? { origin: { item: '' }, path: '' };
      return wanted.add(pathSteps(pathTo(origin.item ?? '', ...pathSteps(path))));
    });
    findOffsets(document.text, wanted);
    const placeOf = lineFinder(document, leaves);
    indexes.forEach((index, position) => {
      places[index] = placeOf(leaves[position] ?? wanted);
    });
  }
  return places;
}

/** A step of the paths that are looked for, and where it was found. */
class Wanted {
  offset: number | undefined;
  private readonly children = new Map<string, Wanted>();

  constructor(private readonly parent?: Wanted) {}

  add(steps: readonly (string | number)[]): Wanted {
    let wanted: Wanted = this;
    for (const step of steps) {
      const key = String(step);
      let child = wanted.children.get(key);
      if (!child) {
        child = new Wanted(wanted);
        wanted.children.set(key, child);
      }
      wanted = child;
    }
    return wanted;
  }

  get(key: string): Wanted | undefined {
    return this.children.get(key);
  }

  /** Where it is, or the nearest part of the path before it. */
  get nearestOffset(): number {
    return this.offset ?? this.parent?.nearestOffset ?? 0;
  }
}

/** A map or list that is open while the events pass. */
interface Open {
  /** `undefined` where nothing inside is looked for. */
  readonly wanted: Wanted | undefined;
  readonly isMap: boolean;
  /** In a map, the value of the last key; the next event is its value. */
  key: { readonly text: string; readonly offset: number } | undefined;
  index: number;
}

function findOffsets(text: string, root: Wanted): void {
  let events: ReturnType<typeof parseEvents>;
  try {
    events = parseEvents(text, { maxDepth: 1000 });
  } catch {
    return; // JSON that YAML does not take: the object's first line has to do
  }
  const open: Open[] = [];
  const enter = (offset: number): Wanted | undefined => {
    const parent = open.at(-1);
    if (!parent) {
      root.offset ??= offset;
      return root;
    }
    const key = parent.isMap ? parent.key?.text : String(parent.index);
    const found = key === undefined ? undefined : parent.wanted?.get(key);
    if (found) found.offset ??= parent.key?.offset ?? offset;
    parent.key = undefined;
    parent.index += 1;
    return found;
  };
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const wanted = enter(event.start);
      open.push({ wanted, isMap: event.type === EVENT_ID.MAPPING, key: undefined, index: 0 });
    } else if (event.type === EVENT_ID.SCALAR) {
      const parent = open.at(-1);
      const offset = event.style === 1 ? event.valueStart : event.valueStart - 1;
      if (parent?.isMap && parent.key === undefined) {
        parent.key = { text: parent.wanted ? getScalarValue(text, event) : '', offset };
      } else enter(offset);
    } else if (event.type === EVENT_ID.ALIAS) {
      enter(event.anchorStart);
    }
  }
}

/** Turns offsets into lines and columns, counting the lines of the text once. */
function lineFinder({ text, firstLine, indent = 0 }: DocumentText, leaves: readonly Wanted[]) {
  const offsets = [...new Set(leaves.map(({ nearestOffset }) => nearestOffset))].sort((a, b) => a - b);
  const places = new Map<number, Place>();
  let line = firstLine;
  let lineStart = 0;
  for (const offset of offsets) {
    for (
      let end = text.indexOf('\n', lineStart);
      end !== -1 && end < offset;
      end = text.indexOf('\n', lineStart)
    ) {
      line += 1;
      lineStart = end + 1;
    }
    places.set(offset, { line, column: offset - lineStart + 1 + indent });
  }
  return ({ nearestOffset }: Wanted) => places.get(nearestOffset);
}
