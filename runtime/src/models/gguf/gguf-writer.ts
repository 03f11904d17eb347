import { open } from 'node:fs/promises';

/** Value types of GGUF metadata, by their number in the format. */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

/** Tensor types that {@link writeGguf} can lay out, by their number in the format. */
const TENSOR_TYPE = { f32: 0, f16: 1, q8_0: 8 } as const;

export type MetadataValue =
  | { type: 'u32' | 'i32' | 'f32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'i32s'; value: readonly number[] };

export interface Tensor {
  readonly name: string;
  /** Row length first, as in the format. */
  readonly shape: readonly number[];
  readonly type: keyof typeof TENSOR_TYPE;
  /** The encoded values: see `encodeF32`, `encodeF16` and `randomQ8`. */
  readonly data: Uint8Array;
}

const ALIGNMENT = 32;

/** Writes one model file in GGUF, version 3. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly Tensor[],
): Promise<void> {
  const head: Buffer[] = [];
  const entries = Object.entries(metadata);
  head.push(Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length));
  for (const [key, value] of entries) head.push(text(key), metadataValue(value));

  let offset = 0;
  for (const tensor of tensors) {
    head.push(text(tensor.name), u32(tensor.shape.length));
    for (const length of tensor.shape) head.push(u64(length));
    head.push(u32(TENSOR_TYPE[tensor.type]), u64(offset));
    offset = align(offset + tensor.data.byteLength);
  }
  const header = Buffer.concat(head);

  const file = await open(path, 'w');
  try {
    await file.write(padded(header));
    for (const tensor of tensors) await file.write(padded(tensor.data));
    await file.sync();
  } finally {
    await file.close();
  }
}

export function encodeF32(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Half precision, for values that it holds well: no NaN, nothing beyond ±65504; smaller than 6e-5 becomes 0. */
export function encodeF16(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] ?? 0;
    const exponent = ((word >>> 23) & 0xff) - 112;
    const rounded = (exponent << 10) + (((word & 0x7fffff) + 0x1000) >>> 13);
    halves[i] = ((word >>> 16) & 0x8000) | (exponent <= 0 ? 0 : rounded);
  }
  return new Uint8Array(halves.buffer);
}

function metadataValue(entry: MetadataValue): Buffer {
  switch (entry.type) {
    case 'u32':
      return Buffer.concat([u32(TYPE.u32), u32(entry.value)]);
    case 'i32':
      return Buffer.concat([u32(TYPE.i32), i32(entry.value)]);
    case 'f32': {
      const value = Buffer.alloc(4);
      value.writeFloatLE(entry.value);
      return Buffer.concat([u32(TYPE.f32), value]);
    }
    case 'bool':
      return Buffer.concat([u32(TYPE.bool), Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(TYPE.string), text(entry.value)]);
    case 'strings':
      return Buffer.concat([
        u32(TYPE.array),
        u32(TYPE.string),
        u64(entry.value.length),
        ...entry.value.map(text),
      ]);
    case 'i32s':
      return Buffer.concat([
        u32(TYPE.array),
        u32(TYPE.i32),
        u64(entry.value.length),
        ...entry.value.map(i32),
      ]);
  }
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function i32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc(align(bytes.byteLength) - bytes.byteLength)]);
}
