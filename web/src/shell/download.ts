/** Hand a file to the person, under a name of the page's own. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download reads it after this returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
