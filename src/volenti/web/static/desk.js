// One key for each answer. Without this script the same buttons are pressed.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  // Where a key opens something that has the same key inside, the inner one counts once it is open.
  const found = [...document.querySelectorAll("[data-key]")]
    .filter((each) => each.dataset.key === key && each.checkVisibility())
    .at(-1);
  if (found && !found.disabled) {
    event.preventDefault();
    found.click();
  }
});
