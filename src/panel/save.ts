/** Gives the user a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser reads it after the click
}

/** Puts text on the clipboard; where the page may not, through a selected field. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
}

/** The page's address with this trace and span chosen, and times that stay what they are. */
export function linkTo(address: string, traceId: string, spanId: string, range?: { from: number; to: number }): string {
  const url = new URL(address);
  url.searchParams.set('var-trace_id', traceId);
  if (spanId) {
    url.searchParams.set('var-span_id', spanId);
  } else {
    url.searchParams.delete('var-span_id');
  }
  if (range) {
    url.searchParams.set('from', String(range.from)); // "now-15m" means another time tomorrow
    url.searchParams.set('to', String(range.to));
  }
  return url.toString();
}
