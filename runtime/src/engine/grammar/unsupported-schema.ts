/** A schema that no grammar here can hold a model to. `path` leads to the keyword. */
export class UnsupportedSchema extends Error {
  override readonly name = 'UnsupportedSchema';

  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path === '' ? 'the schema' : path}: ${reason}`);
  }
}
