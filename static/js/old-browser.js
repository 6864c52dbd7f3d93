// Read only by browsers without modules (before Chromium 61): written in old JavaScript on purpose.
(function () {
  var script = document.currentScript || document.scripts[document.scripts.length - 1];
  var phone = (script && script.getAttribute("data-phone")) || "";
  function show() {
    var box = document.createElement("div");
    box.className = "old-browser";
    box.setAttribute("role", "alert");
    box.appendChild(document.createTextNode(
      "您的浏览器版本过低，页面可能显示不全。360、QQ 等浏览器请在地址栏右侧切换到“极速模式”，" +
      "或改用新版 Edge、Chrome 浏览器。需要帮助请致电 " + phone + "。"));
    document.body.insertBefore(box, document.body.firstChild);
  }
  if (document.body) { show(); } else { document.addEventListener("DOMContentLoaded", show); }
})();
