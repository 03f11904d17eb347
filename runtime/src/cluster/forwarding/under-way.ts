/**
 * What is under way, in places that are used again. A `Map` that every request enters and leaves makes itself anew all
 * the time, and its old tables keep what they hold alive until the next major garbage collection.
 */
export class UnderWay<Item> {
  private readonly places: (Item | undefined)[] = [];
  private readonly free: number[] = [];

  /** Returns how to take it out again. */
  enter(item: Item): () => void {
    const place = this.free.pop() ?? this.places.length;
    this.places[place] = item;
    return () => {
      this.places[place] = undefined;
      this.free.push(place);
    };
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const item of this.places) if (item !== undefined) yield item;
  }
}
