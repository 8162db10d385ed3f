/** The text that a node's HTTP side answers. */
export async function getText(address: string, path: string): Promise<string> {
  const response = await fetch(`http://${address}${path}`);
  return response.text();
}
