/** Places in columns from callers to callees: one to the right of each of its callers, if no circle forbids. */
export function columns(ids: string[], calls: Array<[string, string]>, width: number, height: number) {
  const column = new Map<string, number>();
  const callees = new Map<string, string[]>(ids.map((id) => [id, []]));
  calls.forEach(([from, to]) => from !== to && callees.get(from)?.push(to));
  const walk = (id: string, depth: number, way: string[]) => {
    if (way.includes(id) || (column.get(id) ?? -1) >= depth) {
      return;
    }
    column.set(id, depth);
    callees.get(id)?.forEach((next) => walk(next, depth + 1, [...way, id]));
  };
  const called = new Set(calls.filter(([from, to]) => from !== to).map(([, to]) => to));
  ids.filter((id) => !called.has(id)).forEach((id) => walk(id, 0, []));
  ids.forEach((id) => column.has(id) || walk(id, 0, [])); // all callers are in a circle
  const last = Math.max(0, ...column.values());
  const places = new Map<string, { x: number; y: number }>();
  for (let c = 0; c <= last; c++) {
    const here = ids.filter((id) => column.get(id) === c);
    here.forEach((id, k) => places.set(id, { x: ((c + 0.5) / (last + 1)) * width, y: ((k + 0.5) / here.length) * (height - 30) }));
  }
  return places;
}
