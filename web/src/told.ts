/** What the page itself was told by who serves it. */

function content(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** What lets a style sheet that is made here pass the page's policy. */
export const nonce = content("csp-nonce");

/** The titles of the laws that a campaign may keep, by their names. */
export const laws: ReadonlyMap<string, string> = new Map(Object.entries(JSON.parse(content("laws") || "{}")));
