/* A button beside each text to copy; without this script the text is selected and copied by hand. */
(function () {
  "use strict";

  function add(area) {
    var button = document.createElement("button");
    var said = document.createElement("span");
    button.type = "button";
    button.className = "budget-button budget-button-second";
    button.textContent = area.getAttribute("data-copy");
    said.setAttribute("role", "status");
    said.className = "budget-muted";
    button.addEventListener("click", function () {
      area.select();
      navigator.clipboard.writeText(area.value).then(function () {
        said.textContent = area.getAttribute("data-copied");
      }, function () {
        document.execCommand("copy");
        said.textContent = area.getAttribute("data-copied");
      });
    });
    area.insertAdjacentElement("afterend", button);
    button.insertAdjacentElement("afterend", said);
  }

  if (!navigator.clipboard) return;
  document.querySelectorAll("textarea[data-copy]").forEach(add);
})();
