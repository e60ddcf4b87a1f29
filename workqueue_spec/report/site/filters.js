"use strict";
{
  const form = document.querySelector("form.filters");
  const table = document.querySelector("table.matrix");
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  const matches = (element, wanted, names) =>
    names.every((name) => !wanted.get(name) || element.dataset[name] === wanted.get(name));

  const apply = () => {
    const wanted = new FormData(form);
    const columns = heads.map((head) => matches(head, wanted, ["program", "broker", "queue"]));
    heads.forEach((head, place) => { head.hidden = !columns[place]; });
    let shown = 0;
    for (const row of rows) {
      const cells = [...row.cells].slice(1);
      cells.forEach((cell, place) => { cell.hidden = !columns[place]; });
      const found = new Set(cells.filter((_, place) => columns[place]).map((cell) => cell.textContent.trim()));
      const differs = found.size > 1 || !wanted.get("differences");
      row.hidden = !(differs && matches(row, wanted, ["role", "class", "level"]));
      shown += row.hidden ? 0 : 1;
    }
    form.querySelector("output").textContent =
      `${shown} of ${rows.length} clauses, ${columns.filter(Boolean).length} of ${heads.length} runs`;
  };

  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  window.addEventListener("pageshow", apply);
}
